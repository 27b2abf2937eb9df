/** Which analysis, with which parameters: a form drawn from what the gateway says of its pipelines. */

import { h, refill } from "./dom.js";
import { spoken } from "./words.js";

const ENDINGS = { c3d: /\.c3d$/i, fasta: /\.(fasta|fas|fa|fna|ffn)(\.gz)?$/i, fastq: /\.(fastq|fq)(\.gz)?$/i };

/** The analysis that takes such files; null leaves it to the gateway. */
export function pipelineFor(name, pipelines) {
  const takes = ({ input_formats: formats }) => formats.some((format) => ENDINGS[format]?.test(name));
  return pipelines.find(takes)?.name ?? null;
}

/** The form. Only what differs from the defaults is asked, so that equal questions stay equal. */
export class Options {
  constructor(pipelines) {
    this.pipelines = pipelines;
    this.inputs = new Map();
    this.fields = h("div", { class: "fields" });
    this.chosen = h("select", { id: "pipeline", onchange: () => this.#draw() },
      h("option", { value: "" }, "By the kind of file"),
      pipelines.map(({ name, version }) => h("option", { value: name }, `${name} ${version}`)));
    const pipeline = h("p", null, h("label", { class: "field" }, "Analysis", this.chosen));
    this.element = h("section", { "aria-label": "Parameters" }, h("details", null,
      h("summary", null, "Parameters of the files that are added next"), pipeline, this.fields));
    this.#draw();
  }

  /** @returns {{pipeline: string | null, params: Record<string, any>}} */
  question() {
    const params = {};
    for (const [parameter, input] of this.inputs) {
      const value = input.value.trim();
      if (value !== "" && value !== parameter.default) params[parameter.name] = typed(parameter, value);
    }
    return { pipeline: this.chosen.value || null, params };
  }

  #draw() {
    const pipeline = this.pipelines.find(({ name }) => name === this.chosen.value);
    const simple = (pipeline?.parameters ?? []).filter(isSimple);
    this.inputs = new Map(simple.map((parameter) => [parameter, control(parameter)]));
    refill(this.fields, pipeline ? [...this.inputs].map(([parameter, input]) => field(parameter, input)) : h("p", { class: "soft whole" }, "Choose an analysis to change its parameters."));
  }
}

function isSimple({ type, choices }) {
  return choices.length > 0 || ["double", "uint32", "bool", "string"].includes(type);
}

function control({ name, type, choices, minimum, maximum, default: standard }) {
  const id = `param-${name}`;
  const words = type === "bool" ? ["true", "false"] : choices;
  if (words.length) return h("select", { id }, words.map((word) => h("option", { value: word, selected: word === standard }, word)));
  const kind = type === "string" ? { type: "text" } : { type: "number", step: type === "uint32" ? 1 : "any", min: minimum, max: maximum };
  return h("input", { id, ...kind, placeholder: standard ?? "" });
}

function field({ name, unit, description }, input) {
  return h("label", { class: "field" }, unit ? `${spoken(name)} (${unit})` : spoken(name), input, h("small", null, description));
}

function typed({ type }, value) {
  if (type === "bool") return value === "true";
  return type === "double" || type === "uint32" ? Number(value) : value;
}
