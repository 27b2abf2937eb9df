/** One result: found, named, and shown by the view of its kind. */

import { ask, explain, jobOf, Problem, resultOf } from "../api.js";
import { confirmed } from "../dialog.js";
import { badge, facts, h, notice, refill } from "../dom.js";
import { saveJson, stem } from "../downloads.js";
import { showEmg } from "../emg/view.js";
import { states } from "../events.js";
import { problemNotice } from "../problem.js";
import { eraseFile } from "../erasing.js";
import { caller, may, whyNot } from "../roles.js";
import { showSequences } from "../sequence/view.js";
import { bytes, goingOn, seconds, time } from "../words.js";
import { forgotten } from "./cache.js";

/** How grave a state is that is no success. */
const KINDS = { failed: "bad" };

/** Views by what a pipeline's name begins with: (place, result, job, signal). */
const VIEWS = { emg: showEmg, sequence: showSequences };

export async function showResult(place, [jobId], _query, signal) {
  const job = await jobOf(jobId, signal);
  if (job.status !== "succeeded") {
    await showUnfinished(place, job, signal);
    return;
  }
  const result = await resultOf(job.job_id, signal); // the address may name the task that it came by
  const body = h("div");
  refill(place, h("h1", { tabindex: -1 }, job.file_name || "Result"), summary(job), acts(job, result, place, await caller()), body);
  const view = VIEWS[job.pipeline.split(".")[0]] ?? showPlain;
  await view(body, result, job, signal);
}

function summary(job) {
  const handedIn = job.submissions.reduce((sum, { seen_count: count }) => sum + count, 0);
  const names = new Set(job.submissions.map(({ file_name: name }) => name));
  return h("details", { class: "soft" },
    h("summary", null, `${job.pipeline} ${job.pipeline_version} · ${job.sha256 ? bytes(job.size_bytes) : "not fetched yet"} · ${time(job.updated_at)} · `,
      job.status !== "succeeded" ? badge(job.status, KINDS[job.status] ?? "care") : badge(handedIn > 1 ? `asked ${handedIn} times, computed once` : "computed", "good")),
    facts([
      ["Job", h("code", null, job.job_id)],
      ["SHA-256", job.sha256 && h("code", null, job.sha256)],
      ["Computed in", seconds(job.compute_ms === null ? null : job.compute_ms / 1000)],
      ["Known as", [...names].join(", ")],
      ...job.submissions.slice(0, 1).flatMap(({ metadata }) => Object.entries(metadata).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)])),
    ]));
}

function acts(job, result, place, who) {
  const said = h("div", { "aria-live": "polite" });
  const forget = async () => {
    const asked = await confirmed({ title: "Forget this result?", text: "It is removed on every replica and computed anew when it is asked for again. The file stays.", act: "Forget it" });
    if (!asked) return;
    try {
      const gone = await ask("/v1/invalidations", { method: "POST", body: { job_id: job.job_id, note: asked.note } });
      refill(place.querySelector(".acts"), h("p", null, forgotten(gone)));
    } catch (problem) {
      refill(said, problemNotice(problem));
    }
  };
  return h("div", { class: "acts noprint" }, h("p", { class: "row" },
    h("button", { onclick: () => saveJson(`${stem(job.file_name)}.json`, result) }, "Download JSON"),
    h("button", { onclick: () => print() }, "Print a report"),
    may(who, "admin") && [h("button", { onclick: forget }, "Forget …"), eraseButton(job, place, said)]),
    whyNot(who, "admin", "Forgetting a result and erasing its file"), said);
}

/** What is erased must not stay on the screen. */
function eraseButton(job, place, said) {
  const erase = async () => {
    if (!(await eraseFile({ sha256: job.sha256, name: job.file_name || "this file" }, said))) return;
    refill(place, h("h1", { tabindex: -1 }, "Erased"), said, h("p", null, h("a", { href: "#/jobs" }, "To the jobs")));
    place.firstChild.focus();
  };
  return h("button", { onclick: erase }, "Erase the file …");
}

async function showPlain(place, result) {
  refill(place, h("section", { "aria-label": "Result" }, h("p", { class: "soft" }, "There is no view for this kind of result; this is what it says."),
    h("pre", { class: "scroll", tabindex: 0 }, JSON.stringify(result, null, 2))));
}

async function showUnfinished(place, job, signal) {
  const said = h("div", { role: "status" });
  const who = await caller();
  const erasing = h("div", { "aria-live": "polite" });
  refill(place, h("h1", { tabindex: -1 }, job.file_name || "Job"), summary(job), h("section", { "aria-label": "State" }, said),
    job.sha256 && may(who, "admin") && h("div", { class: "noprint" }, h("p", null, eraseButton(job, place, erasing)), erasing));
  if (job.failure) refill(said, problemNotice(Problem.ofFailure(job.failure)));
  else if (job.status === "gone") refill(said, notice("care", h("p", null, may(who, "admin") ? (await explain(job.job_id, signal)).message : "Its result is no longer kept. Ask for it again.")));
  else follow(said, job, signal);
}

/** Tell how it goes on, and show the result once it is there. */
async function follow(said, job, signal) {
  const bar = h("progress", { max: 1, "aria-label": "Progress" });
  const text = h("p", null, "Waiting for it …");
  refill(said, text, bar);
  try {
    for await (const { event, data } of states(`/v1/analyses/${job.job_id}/events`, signal)) {
      if (event === "progress") (refill(text, goingOn(data)), (bar.value = data.fraction));
      else if (event === "failed") refill(said, problemNotice(new Problem(data)));
      else if (event === "gone") refill(said, notice("care", h("p", null, "It was given up: nobody computes it. Ask for it again.")));
      else if (event === "result") dispatchEvent(new HashChangeEvent("hashchange"));
    }
  } catch (problem) {
    if (!signal.aborted) refill(said, problemNotice(problem));
  }
}
