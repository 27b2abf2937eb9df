/** What was asked, and what became of it. */

import { ask, explain } from "../api.js";
import { badge, h, notice, refill, table } from "../dom.js";
import { problemNotice } from "../problem.js";
import { bytes, seconds, spoken, time } from "../words.js";

const STATUSES = ["queued", "asked", "running", "succeeded", "failed", "gone"];
const KINDS = { succeeded: "good", failed: "bad", running: "care", queued: "care" };
const PAGE_ROWS = 25;

export async function showJobs(place, _path, query, signal) {
  const answer = h("div", { "aria-live": "polite" });
  refill(place, h("h1", { tabindex: -1 }, "Jobs"), filters(query), answer);
  const asked = new URLSearchParams({ limit: PAGE_ROWS });
  for (const [name, value] of query) if (value && name !== "back") asked.set(name, name === "updated_since" ? new Date(value).toISOString() : value);
  const { jobs, next_page_token: token } = await ask(`/v1/jobs?${asked}`, { signal });
  if (jobs.length === 0) refill(answer, h("section", null, h("p", null, "No job matches."), h("a", { href: "#/" }, "Analyse a file")));
  else refill(answer, h("section", { "aria-label": "Jobs" }, table("Last changed first", columns(signal), jobs), paging(query, token)));
}

function filters(query) {
  const given = (name) => query.get(name) ?? "";
  const status = h("select", { name: "status" }, h("option", { value: "" }, "Any"),
    STATUSES.map((word) => h("option", { value: word, selected: word === given("status") }, spoken(word))));
  const form = h("form", { class: "fields", role: "search", "aria-label": "Filter jobs", onsubmit: (event) => (event.preventDefault(), apply(form)) },
    h("label", { class: "field" }, "File name contains", h("input", { name: "file_name", maxlength: 255, value: given("file_name") })),
    h("label", { class: "field" }, "Status", status),
    h("label", { class: "field" }, "Analysis", h("input", { name: "pipeline", placeholder: "emg.session", value: given("pipeline") })),
    h("label", { class: "field" }, "Changed since", h("input", { name: "updated_since", type: "datetime-local", value: given("updated_since") })),
    h("div", { class: "row" }, h("button", { class: "chief" }, "Filter"), h("a", { class: "button", href: "#/jobs" }, "All jobs")));
  return h("section", { "aria-label": "Filters", class: "noprint" }, form);
}

function apply(form) {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  location.hash = `#/jobs?${asked}`;
}

function columns(signal) {
  return [
    { head: "File", cell: (job) => (job.result_url ? h("a", { href: `#/results/${job.job_id}` }, job.file_name || "without a name") : job.file_name || "without a name") },
    { head: "Status", cell: (job) => [badge(job.status, KINDS[job.status]), job.failure && h("div", null, job.failure.message), why(job, signal)] },
    { head: "Analysis", cell: (job) => `${job.pipeline} ${job.pipeline_version}` },
    { head: "Parameters", cell: (job) => Object.keys(job.params).length === 0 ? "defaults" : Object.entries(job.params).map(([name, value]) => h("div", null, `${name} = ${JSON.stringify(value)}`)) },
    { head: "Size", number: true, cell: (job) => bytes(job.size_bytes) },
    { head: "Computed in", number: true, cell: (job) => seconds(job.compute_ms === null ? null : job.compute_ms / 1000) },
    { head: "Changed", cell: (job) => h("time", { datetime: job.updated_at }, time(job.updated_at)) },
  ];
}

/** Why there is no result, for those that have none. */
function why(job, signal) {
  if (job.result_url || job.failure || job.status === "running") return null;
  const said = h("div");
  const tell = async () => {
    try {
      refill(said, notice("", h("p", null, (await explain(job.job_id, signal)).message)));
    } catch (problem) {
      refill(said, problemNotice(problem));
    }
  };
  return [" ", h("button", { class: "small", onclick: tell, "aria-label": `Why has ${job.file_name} no result?` }, "Why?"), said];
}

function paging(query, token) {
  const at = (pageToken) => {
    const asked = new URLSearchParams(query);
    asked.delete("page_token");
    if (pageToken) asked.set("page_token", pageToken);
    return `#/jobs?${asked}`;
  };
  return h("nav", { class: "row noprint", "aria-label": "Pages" },
    query.has("page_token") && h("a", { class: "button", href: at(null) }, "First page"),
    query.has("page_token") && h("button", { onclick: () => history.back() }, "Previous page"),
    token && h("a", { class: "button", href: at(token) }, "Next page"));
}
