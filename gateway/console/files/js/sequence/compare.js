/** Samples side by side: composition at a rank, and diversity. */

import { ask, jobOf, resultOf } from "../api.js";
import { h, refill, section, table } from "../dom.js";
import { problemNotice } from "../problem.js";
import { fixed, number, percent, spoken } from "../words.js";
import { all, bars } from "./composition.js";

const OFFERED = 200;
const TAXA = 25;

export function comparison(result, job, signal) {
  const place = h("div", { "aria-live": "polite" });
  const apart = h("div", { "aria-live": "polite" });
  const samples = [{ name: job.file_name || job.job_id, id: job.job_id, result }];
  const measure = h("select", { onchange: () => measured() }, MEASURES.map(([name, says]) => h("option", { value: name }, says)));
  const rank = h("select", { onchange: () => show() }, result.ranks.map((name) => h("option", { value: name }, spoken(name))));
  rank.selectedIndex = Math.max(0, result.ranks.length - 2);
  const other = h("select", null, h("option", { value: "" }, "Choose a sample"));
  const show = () => refill(place, samples.length > 1 && drawn(samples, rank.value));
  const measured = async () => {
    if (samples.length < 2) return;
    try {
      const asked = new URLSearchParams({ job_ids: samples.map(({ id }) => id).join(","), measure: measure.value });
      const { data } = await ask(`/visualizations/diversity?${asked}`, { signal });
      refill(apart, distances(samples, data));
    } catch (problem) {
      if (!signal.aborted) refill(apart, problemNotice(problem));
    }
  };
  const add = async () => {
    if (!other.value) return;
    try {
      const [told, theirs] = await Promise.all([jobOf(other.value, signal), resultOf(other.value, signal)]);
      samples.push({ name: told.file_name || told.job_id, id: told.job_id, result: theirs });
      show();
      await measured();
    } catch (problem) {
      if (!signal.aborted) refill(place, problemNotice(problem));
    }
  };
  offer(other, job, signal).catch((problem) => signal.aborted || refill(place, problemNotice(problem)));
  return section("Compare samples", h("div", { class: "row noprint" }, h("label", { class: "row" }, "With", other), h("button", { onclick: add }, "Add"), h("label", { class: "row" }, "Rank", rank), h("label", { class: "row" }, "Distance", measure)), place, apart);
}

const MEASURES = [["bray_curtis", "Bray-Curtis"], ["jaccard", "Jaccard"], ["unweighted_unifrac", "UniFrac, unweighted"], ["weighted_unifrac", "UniFrac, weighted"]];

function distances(samples, { measure, distances: rows }) {
  return table(`Distances by ${measure}`, [{ head: "Sample", cell: ({ name }) => name }, ...samples.map(({ name }, at) => ({ head: name, number: true, cell: ({ row }) => fixed(row[at], 3) }))],
    samples.map(({ name }, at) => ({ name, row: rows[at] })));
}

async function offer(select, job, signal) {
  const asked = new URLSearchParams({ pipeline: job.pipeline, status: "succeeded", limit: OFFERED });
  const { jobs } = await ask(`/v1/jobs?${asked}`, { signal });
  select.append(...jobs.filter(({ job_id: id }) => id !== job.job_id).map(({ job_id: id, file_name: name }) => h("option", { value: id }, name || id)));
}

function drawn(samples, rank) {
  const stacks = samples.map(({ name, result }) => ({ name: name.slice(0, 14), taxa: all(result.compositions.find((one) => one.rank === rank) ?? { taxa: [] }) }));
  const columns = (of) => samples.map(({ name }, at) => ({ head: name, number: true, cell: (row) => of(row, at) }));
  const taxa = [...new Set(stacks.flatMap((stack) => stack.taxa.map(({ name }) => name)))];
  const share = (taxon, at) => stacks[at].taxa.find(({ name }) => name === taxon)?.share ?? 0;
  const mean = (taxon) => stacks.reduce((sum, _, at) => sum + share(taxon, at), 0);
  const leading = taxa.sort((a, b) => mean(b) - mean(a)).slice(0, TAXA);
  return [bars(stacks, `Composition by ${rank}`),
    table(`Shares by ${rank}, largest mean first`, [{ head: "Taxon", cell: (taxon) => taxon }, ...columns((taxon, at) => percent(100 * share(taxon, at), 2))], leading),
    table("Diversity", [{ head: "Index", cell: ([head]) => head }, ...columns(([, field], at) => number(samples[at].result.diversity[field], 4))], INDICES)];
}

const INDICES = [["Richness", "features"], ["Shannon", "shannon"], ["Simpson", "simpson"], ["Chao1", "chao1"], ["Pielou's evenness", "pielou"], ["Faith's PD", "faith"]];
