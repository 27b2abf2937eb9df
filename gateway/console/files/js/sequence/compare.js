/** Samples beside this one: where they lie, what they are made of, how diverse they are, and how far apart. */

import { ask } from "../api.js";
import { announce, h, refill, section, table } from "../dom.js";
import { scatter } from "../plots/scatter.js";
import { problemNotice } from "../problem.js";
import { fixed, number, percent, plural, spoken } from "../words.js";
import { sampleChoice } from "./choice.js";
import { tellingRank } from "./composition.js";
import { heatmap } from "./heatmap.js";

const MEASURES = { bray_curtis: "Bray-Curtis", jaccard: "Jaccard", unweighted_unifrac: "UniFrac, unweighted", weighted_unifrac: "UniFrac, weighted" };
/** Two samples have a distance, and no arrangement. */
const LEAST_ARRANGED = 3;

export function comparison(result, job, signal) {
  const [apart, beside, trouble] = [h("div"), h("div"), h("div", { "aria-live": "polite" })];
  const own = { id: job.job_id, name: job.file_name || job.job_id };
  const measure = h("select", { onchange: () => compareDistances() }, Object.entries(MEASURES).map(([name, says]) => measureOption(name, says, result.diversity)));
  const rank = h("select", { onchange: () => compareTaxa() }, result.ranks.map((name) => h("option", { value: name }, spoken(name))));
  rank.value = tellingRank(result.compositions);
  let samples = [own];

  const compareDistances = latest(apart, trouble, signal, async (asked) => {
    const told = await compared("diversity", samples, { measure: measure.value }, asked);
    return [ordination(samples, told, MEASURES[measure.value]), diversity(samples, told), distances(samples, told)];
  });
  const compareTaxa = latest(beside, trouble, signal, async (asked) => heatmap(samples, await compared("heatmap", samples, { rank: rank.value }, asked)));
  const choose = async (others) => {
    samples = [own, ...others].map((sample, at) => ({ ...sample, number: at + 1 }));
    built.classList.toggle("alone", others.length === 0);
    if (others.length === 0) return [apart, beside, trouble].forEach((place) => refill(place));
    await Promise.all([compareDistances(), compareTaxa()]);
    announce(`${plural(samples.length, "sample")} compared`);
  };
  const built = section("Compare samples", sampleChoice(job, choose, signal),
    h("div", { class: "row noprint compared" }, h("label", { class: "row" }, "Distance", measure), h("label", { class: "row" }, "Rank", rank)), trouble, apart, beside);
  built.classList.add("alone");
  return built;
}

function measureOption(name, says, { faith, faith_method: tree }) {
  const lacks = name.endsWith("unifrac") && faith === null && !tree;
  return h("option", { value: name, disabled: lacks }, lacks ? `${says} (the reference has no tree)` : says);
}

/** A function that fills a place with what it made last, or tells the trouble; what was begun before, and comes later, is forgotten. */
function latest(place, trouble, signal, make) {
  let asked = new AbortController();
  return async () => {
    asked.abort();
    asked = new AbortController();
    const mine = AbortSignal.any([signal, asked.signal]);
    refill(trouble);
    try {
      refill(place, await make(mine));
    } catch (problem) {
      if (mine.aborted) return;
      refill(place);
      refill(trouble, problemNotice(problem));
    }
  };
}

async function compared(view, samples, options, signal) {
  const asked = new URLSearchParams({ job_ids: samples.map(({ id }) => id).join(","), ...options });
  return (await ask(`/visualizations/${view}?${asked}`, { signal })).data;
}

function ordination(samples, { pcoa: { points, explained } }, measure) {
  const key = h("ol", { class: "key", "aria-label": "Samples" }, samples.map(({ name }, at) => h("li", null, name, at === 0 && h("span", { class: "soft" }, " (this one)"))));
  const axis = (at) => `axis ${at + 1}, ${percent(100 * (explained[at] ?? 0), 1)} of the variation`;
  const places = samples.map(({ number, name }, at) => ({ label: number, name, x: points[at][0] ?? 0, y: points[at][1] ?? 0 }));
  const title = `Principal coordinates of ${measure} distances`;
  return h("div", { class: "charts" },
    samples.length < LEAST_ARRANGED
      ? h("p", { class: "soft" }, "With a third sample, a plot shows which ones are alike.")
      : h("div", null, scatter({ title, x: axis(0), y: axis(1), points: places }), h("details", null, h("summary", null, "Coordinates"), table(title, coordinates(explained), places))),
    key);
}

function coordinates(explained) {
  return [NAMED, ...["x", "y"].map((axis, at) => ({ head: `Axis ${at + 1} (${percent(100 * (explained[at] ?? 0), 1)})`, number: true, cell: (one) => fixed(one[axis], 3) }))];
}

const NAMED = { head: "Sample", cell: ({ label, number = label, name }) => `${number} ${name}` };

const INDICES = { features: "Richness", shannon: "Shannon", simpson: "Simpson", chao1: "Chao1", pielou: "Pielou's evenness", faith: "Faith's PD" };

function diversity(samples, { diversity: told }) {
  const columns = Object.entries(INDICES).map(([field, head]) => ({ head, number: true, cell: ({ number: at }) => number(told[at - 1][field], 4) }));
  return table("Diversity of unique sequences", [NAMED, ...columns], samples);
}

function distances(samples, { measure, distances: rows }) {
  const [, source] = measure.split(": ");
  const columns = samples.map((other) => ({ head: other.number, number: true, cell: (one) => fixed(rows[one.number - 1][other.number - 1], 3) }));
  return table(`Distances ${source}: 0 is the same, 1 has nothing in common`, [NAMED, ...columns], samples);
}
