/** Which other samples are looked at beside this one. */

import { ask } from "../api.js";
import { h, refill } from "../dom.js";
import { problemNotice } from "../problem.js";
import { time } from "../words.js";

const OFFERED = 200;
/** Fewer are seen at once. */
const SEARCHED = 8;

/** @param {(chosen: {id: string, name: string}[]) => void} onChoice hears of all that are chosen, in the order of the list */
export function sampleChoice(job, onChoice, signal) {
  const place = h("fieldset", { class: "noprint choices" }, h("legend", null, "With"));
  others(job, signal).then((samples) => place.append(...list(samples, onChoice)))
    .catch((problem) => signal.aborted || refill(place, problemNotice(problem)));
  return place;
}

async function others(job, signal) {
  const asked = new URLSearchParams({ pipeline: job.pipeline, status: "succeeded", limit: OFFERED });
  const { jobs } = await ask(`/v1/jobs?${asked}`, { signal });
  const alike = jobs.filter(({ job_id: id, reference }) => id !== job.job_id && reference === job.reference); // others cannot be compared
  return alike.map(({ job_id: id, file_name: name, updated_at: at }) => ({ id, name: name || id, at }));
}

function list(samples, onChoice) {
  if (samples.length === 0) return [h("p", { class: "soft" }, "No other sample has been analysed with this reference yet.")];
  const chosen = new Set();
  const toggle = (sample) => (event) => {
    if (event.target.checked) chosen.add(sample);
    else chosen.delete(sample);
    onChoice(samples.filter((one) => chosen.has(one)));
  };
  const rows = samples.map((sample) => h("li", null, h("label", null,
    h("input", { type: "checkbox", onchange: toggle(sample) }), h("span", null, sample.name), h("small", { class: "soft" }, time(sample.at)))));
  const search = h("input", { type: "search", oninput: () => samples.forEach(({ name }, at) => (rows[at].hidden = !name.toLowerCase().includes(search.value.trim().toLowerCase()))) });
  return [samples.length > SEARCHED && h("label", { class: "row" }, "Name contains", search), h("div", { class: "long", tabindex: 0, role: "group", "aria-label": "Other samples" }, h("ul", null, rows))].filter(Boolean);
}
