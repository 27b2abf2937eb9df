/** Where files are dropped, and what becomes of each. */

import { ask, capabilities } from "../api.js";
import { announce, badge, h, refill } from "../dom.js";
import { Journey } from "../journey.js";
import { problemNotice } from "../problem.js";
import { whyNot } from "../roles.js";
import { bytes, percent } from "../words.js";
import { Options, pipelineFor } from "../options.js";

/** Each hashes a whole file in memory; two keep the line and the processors busy. */
const AT_ONCE = 2;

const STAGES = {
  waiting: "Waiting for its turn",
  hashing: "Hashing it here",
  asking: "Looking it up",
  uploading: "Uploading",
  queued: "In the queue",
  analysing: "Analysing",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** The files of this visit stay while other pages are looked at. */
const list = h("ul", { class: "files", "aria-label": "Files" });
const waiting = [];
let running = 0;
let options = null;

export async function showDrop(place) {
  refill(place,
    h("h1", { tabindex: -1 }, "Analyse files"),
    h("p", { class: "soft" }, "Each file is hashed in this browser and looked up first. It is sent only if nobody had it analysed before."));
  const [can, { pipelines }] = await Promise.all([capabilities(), ask("/v1/pipelines")]);
  options ??= new Options(pipelines.filter(({ active, input_formats: formats }) => active && formats.length));
  const take = (files) => [...files].forEach((file) => add(file, can.limits.max_upload_bytes));
  place.append(h("div", null, whyNot(can.caller, "writer", "Sending files and asking for new analyses")));
  place.append(h("section", { "aria-label": "Files" }, dropField(take, can.limits.max_upload_bytes), list), options.element);
}

function dropField(take, maxBytes) {
  const input = h("input", { type: "file", multiple: true, class: "unseen", id: "files", tabindex: -1, "aria-label": "Files to analyse",
    onchange: () => (take(input.files), (input.value = "")) });
  const field = h("div", { class: "drop" },
    h("p", null, h("strong", null, "Drop files here"), " or"),
    h("button", { class: "chief", onclick: () => input.click() }, "Choose files"),
    h("p", { class: "soft" }, `${kinds()}, up to ${bytes(maxBytes)} each`),
    input);
  const over = (is) => (event) => (event.preventDefault(), field.classList.toggle("over", is));
  field.addEventListener("dragover", over(true));
  field.addEventListener("dragleave", over(false));
  field.addEventListener("drop", (event) => (over(false)(event), take(event.dataTransfer.files)));
  return field;
}

function kinds() {
  const formats = new Set(options.pipelines.flatMap(({ input_formats: taken }) => taken));
  return [...formats].map((format) => format.toUpperCase()).join(", ") + " files";
}

function add(file, maxBytes) {
  const item = new Item(file, maxBytes);
  list.prepend(item.element);
  enqueue(item);
}

function enqueue(item) {
  waiting.push(item);
  next();
}

async function next() {
  if (running >= AT_ONCE || waiting.length === 0) return;
  running += 1;
  try {
    await waiting.shift().run();
  } finally {
    running -= 1;
    next();
  }
}

/** A file and its journey, as a line of the list. */
class Item {
  constructor(file, maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
    this.name = h("span", { class: "name" }, file.name);
    this.state = h("span", { class: "state soft" });
    this.bar = h("progress", { max: 1, "aria-label": `Progress of ${file.name}` });
    this.acts = h("div", { class: "acts" });
    this.more = h("div", { class: "more" });
    this.element = h("li", null, this.name, this.acts, this.state, this.bar, this.more);
    this.#begin();
  }

  run() {
    return this.journey.run(this.maxBytes);
  }

  #begin() {
    const { pipeline, params } = options.question();
    const question = { pipeline: pipeline ?? pipelineFor(this.file.name, options.pipelines), params };
    this.journey = new Journey(this.file, question, (progress) => this.#show(progress));
    this.#show(this.journey.progress);
  }

  #again() {
    this.#begin();
    enqueue(this);
  }

  #show(progress) {
    const { stage, fraction, problem } = progress;
    this.element.dataset.stage = stage;
    refill(this.state, ...this.#said(progress));
    this.bar.hidden = this.journey?.ended ?? false;
    if (fraction === null) this.bar.removeAttribute("value");
    else this.bar.value = fraction;
    refill(this.more, problem && problemNotice(problem));
    if (stage !== this.shown) {
      this.shown = stage;
      this.#offer(progress);
      announce(`${this.file.name}: ${STAGES[stage]}${progress.cached ? ", from the cache" : ""}`);
    }
  }

  #said({ stage, fraction, detail, cached, sent, hashed }) {
    if (stage === "done") return [cached ? badge("cached", "good") : badge("computed", "plain"), ` ${bytes(this.file.size)} · ${howItCame(cached, sent, hashed)}`];
    const more = [fraction === null ? "" : percent(100 * fraction), detail].filter(Boolean).join(", ");
    return [stage === "failed" ? badge("failed", "bad") : STAGES[stage], more && ` · ${more}`, ` · ${bytes(this.file.size)}`];
  }

  #offer({ stage, jobId }) {
    const cancel = h("button", { onclick: () => this.journey.cancel(), "aria-label": `Cancel ${this.file.name}` }, "Cancel");
    const again = h("button", { onclick: () => this.#again(), "aria-label": `Try ${this.file.name} again` }, "Try again");
    const open = h("a", { class: "button", href: `#/results/${jobId}`, "aria-label": `Show the result of ${this.file.name}` }, "Show result");
    const held = document.activeElement && this.acts.contains(document.activeElement);
    refill(this.acts, stage === "done" ? open : stage === "failed" || stage === "cancelled" ? again : cancel);
    if (held) this.acts.firstChild.focus();
  }
}

function howItCame(cached, sent, hashed) {
  if (cached && !sent) return "answered from the cache, nothing was uploaded";
  if (cached) return "answered from the cache";
  return hashed && !sent ? "the file was here already, only the analysis was new" : "uploaded and analysed";
}
