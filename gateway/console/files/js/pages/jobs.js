/** What was asked, and what became of it. */

import { ask, explain, stop } from "../api.js";
import { announce, badge, h, notice, refill, table } from "../dom.js";
import { problemNotice } from "../problem.js";
import { caller, may } from "../roles.js";
import { bytes, goingOn, seconds, spoken, time } from "../words.js";

const STATUSES = ["queued", "asked", "running", "succeeded", "failed", "gone"];
const KINDS = { succeeded: "good", failed: "bad", running: "care", queued: "care" };
const MOVING = new Set(["queued", "running"]);
const PAGE_ROWS = 25;
const LOOK_MS = 1500;

export async function showJobs(place, _path, query, signal) {
  const answer = h("div", { "aria-live": "polite" });
  refill(place, h("h1", { tabindex: -1 }, "Jobs"), filters(query), answer);
  const asked = new URLSearchParams({ limit: PAGE_ROWS });
  for (const [name, value] of query) if (value && name !== "back") asked.set(name, name === "updated_since" ? new Date(value).toISOString() : value);
  const who = await caller();
  const listing = new Listing(answer, query, { explains: may(who, "admin"), withdraws: may(who, "writer") }, signal);
  const look = async () => listing.show(await ask(`/v1/jobs?${asked}`, { signal }));
  await look();
  answer.removeAttribute("aria-live"); // from here on only what ends is said
  const timer = setInterval(() => listing.moves && !document.hidden && look().catch((problem) => signal.aborted || listing.fail(problem)), LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** The table, kept up to date while something in it moves; rows stay the same elements, with the focus in them, while their order does. */
class Listing {
  #order = null;
  #rows = new Map();

  constructor(place, query, { explains, withdraws }, signal) {
    Object.assign(this, { place, query, explains, withdraws, signal });
    this.trouble = h("div", { "aria-live": "polite" });
  }

  /** Whether something will change by itself. */
  get moves() {
    return [...this.#rows.values()].some(({ job }) => MOVING.has(job.status));
  }

  show({ jobs, next_page_token: token }) {
    refill(this.trouble);
    const order = [token, ...jobs.map(keyOf)].join();
    if (order !== this.#order) this.#draw(jobs, token);
    else for (const job of jobs) this.#update(job);
    this.#order = order;
  }

  fail(problem) {
    refill(this.trouble, problemNotice(problem));
  }

  #draw(jobs, token) {
    const before = this.#rows;
    this.#rows = new Map(jobs.map((job) => [keyOf(job), { job, cells: COLUMNS.map(() => h("span")) }]));
    for (const job of jobs) this.#fill(job, before.get(keyOf(job))?.job);
    const columns = COLUMNS.map(({ head, number }, at) => ({ head, number, cell: (job) => this.#rows.get(keyOf(job)).cells[at] }));
    if (jobs.length === 0) refill(this.place, h("section", null, h("p", null, "No job matches."), h("a", { href: "#/" }, "Analyse a file")));
    else refill(this.place, h("section", { "aria-label": "Jobs" }, table("Last changed first", columns, jobs), this.trouble, paging(this.query, token)));
  }

  #update(job) {
    const row = this.#rows.get(keyOf(job));
    const before = row.job;
    if (JSON.stringify(before) === JSON.stringify(job)) return;
    row.job = job;
    this.#fill(job, before);
  }

  #fill(job, before) {
    const { cells } = this.#rows.get(keyOf(job));
    COLUMNS.forEach(({ cell }, at) => refill(cells[at], cell(job, this)));
    if (before && MOVING.has(before.status) && !MOVING.has(job.status)) announce(`${nameOf(job)}: ${spoken(job.status)}`);
  }
}

/** A task keeps its row when its file has been fetched and it gets a job id. */
const keyOf = (job) => job.task_id ?? job.job_id;

const nameOf = (job) => job.file_name || "without a name";

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

const COLUMNS = [
  { head: "File", cell: (job) => h("a", { href: `#/results/${job.job_id}` }, nameOf(job)) },
  { head: "Status", cell: (job, listing) => [badge(job.status, KINDS[job.status]), going(job, listing), job.failure && h("div", null, job.failure.message), listing.explains && why(job, listing.signal)] },
  { head: "Analysis", cell: (job) => `${job.pipeline} ${job.pipeline_version}` },
  { head: "Parameters", cell: (job) => Object.keys(job.params).length === 0 ? "defaults" : Object.entries(job.params).map(([name, value]) => h("div", null, `${name}\u00a0=\u00a0${JSON.stringify(value)}`)) },
  { head: "Size", number: true, cell: (job) => (job.sha256 ? bytes(job.size_bytes) : "–") },
  { head: "Computed in", number: true, cell: (job) => seconds(job.compute_ms === null ? null : job.compute_ms / 1000) },
  { head: "Changed", cell: (job) => h("time", { datetime: job.updated_at }, time(job.updated_at)) },
];

/** How far it has come, while it moves. */
function going(job, listing) {
  if (job.status === "queued") return [h("div", { class: "soft" }, job.sha256 ? "waits for its turn" : "its file is fetched from the storage when its turn comes"), listing.withdraws && outOf(job, listing)];
  if (job.status !== "running") return null;
  const progress = job.progress ?? { stage: "begun", fraction: null };
  return [h("div", { class: "soft" }, goingOn(progress)), h("progress", { max: 1, value: progress.fraction, "aria-label": `Progress of ${nameOf(job)}` })];
}

/** The way out of the queue; the list tells what became of it. */
function outOf(job, listing) {
  const take = async () => {
    button.disabled = true;
    try {
      const { stopped } = await stop(job.job_id);
      if (!stopped) announce(`${nameOf(job)} has been begun, or others asked for it too: it goes on`);
    } catch (problem) {
      button.disabled = false;
      listing.fail(problem);
    }
  };
  const button = h("button", { class: "small", onclick: take, "aria-label": `Take ${nameOf(job)} out of the queue` }, "Take out");
  return button;
}

/** Why there is no result, for those that have none. */
function why(job, signal) {
  if (job.result_url || job.failure || MOVING.has(job.status)) return null;
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
