/** What the cache holds and has done, and how to make it forget. */

import { ask } from "../api.js";
import { badge, h, refill, renew, section, table } from "../dom.js";
import { confirmed } from "../dialog.js";
import { chart } from "../plots/chart.js";
import { eraseFile } from "../erasing.js";
import { canHash, sha256Of } from "../journey.js";
import { problemNotice } from "../problem.js";
import { caller, may, whyNot } from "../roles.js";
import { bytes, percent, plural, seconds, spoken } from "../words.js";

const LOOK_MS = 2000;
const KEPT = 900; // half an hour

/** What was seen since the console was opened: {at, hits by tier, misses}; the gateway tells totals only. */
const seen = [];

export async function showCache(place, _path, _query, signal) {
  const figures = h("div");
  const who = await caller();
  if (!may(who, "admin")) {
    refill(place, h("h1", { tabindex: -1 }, "Cache"), h("section", { "aria-label": "Not shown" }, whyNot(who, "admin", "Seeing what the cache holds, and making it forget,"),
      h("p", null, "Your own jobs are on the page ", h("a", { href: "#/jobs" }, "Jobs"), ". Another token is given by the Token button at the top of the page.")));
    return;
  }
  refill(place, h("h1", { tabindex: -1 }, "Cache"), figures, await forgetting(signal), erasing());
  const look = async () => {
    if (document.hidden) return;
    const stats = await ask("/v1/stats", { signal });
    remember(stats);
    draw(figures, stats);
  };
  await look();
  const timer = setInterval(() => look().catch((problem) => signal.aborted || refill(figures, problemNotice(problem))), LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function remember(stats) {
  const hits = Object.fromEntries(stats.tiers.map(({ name, hits }) => [name, hits]));
  seen.push({ at: Date.now(), hits, misses: total(stats.misses) });
  if (seen.length > KEPT) seen.shift();
}

function draw(figures, stats) {
  const misses = total(stats.misses);
  const asked = stats.hits_total + misses;
  renew(figures,
    h("div", { class: "tiles" },
      tile(asked ? percent((100 * stats.hits_total) / asked, 1) : "–", `of ${plural(asked, "look-up")}, also of parts, answered from the cache`),
      tile(seconds(stats.compute_saved_seconds), "of computing saved"),
      tile(stats.jobs.toLocaleString("en"), "jobs known"),
      tile(bytes(stats.blob_size_bytes), `in ${plural(stats.blobs, "uploaded file")}`),
      tile(`${stats.running} / ${stats.queued}`, "running / queued")),
    section("Tiers", table("Where answers come from, fastest first", tierColumns(stats), stats.tiers)),
    section("Since this console was opened", h("div", { class: "charts" }, rates(stats))),
    Object.keys(stats.misses).length > 0 && section("Misses", table("Why there was no answer", MISS_COLUMNS, Object.entries(stats.misses))));
}

const MISS_COLUMNS = [
  { head: "Reason", cell: ([reason]) => spoken(reason) },
  { head: "Look-ups", number: true, cell: ([, count]) => count.toLocaleString("en") },
];

function tile(value, says) {
  return h("div", { class: "tile" }, h("strong", null, value), h("span", null, says));
}

function tierColumns(stats) {
  const state = ({ configured, available }) => (!configured ? badge("not configured") : available ? badge("available", "good") : badge("away", "bad"));
  return [
    { head: "Tier", cell: (tier) => spoken(tier.name) },
    { head: "State", cell: state },
    { head: "Entries", number: true, cell: (tier) => tier.entries.toLocaleString("en") },
    { head: "Size", number: true, cell: (tier) => bytes(tier.size_bytes) },
    { head: "Limit", number: true, cell: (tier) => (tier.limit_bytes ? `${bytes(tier.limit_bytes)} (${percent((100 * tier.size_bytes) / tier.limit_bytes)} used)` : "none") },
    { head: "Hits", number: true, cell: (tier) => tier.hits.toLocaleString("en") },
    { head: "Share of hits", number: true, cell: (tier) => percent(stats.hits_total ? (100 * tier.hits) / stats.hits_total : null) },
  ];
}

/** Hit rates: of the look-ups between two looks, how many each tier answered. */
function rates(stats) {
  const first = seen[0].at;
  const names = stats.tiers.filter(({ configured }) => configured).map(({ name }) => name);
  const [unit, unitMs] = seen.at(-1).at - first < 120_000 ? ["s", 1000] : ["min", 60_000];
  const steps = seen.slice(1).map((now, at) => ({ x: (now.at - first) / unitMs, ...change(seen[at], now, names) }));
  const busy = steps.filter(({ asked }) => asked > 0);
  const series = names.map((name) => ({ name: spoken(name), points: busy.map(({ x, asked, hits }) => ({ x, y: (100 * hits[name]) / asked })) }));
  return [
    chart({ title: "Hit rate by tier", x: unit, y: "% of look-ups", series, from: 0, to: 100, dots: true, empty: "No look-up since then." }),
    chart({ title: "Look-ups", x: unit, y: "per second", series: [{ name: "All", points: steps.map(({ x, perSecond }) => ({ x, y: perSecond })) }], from: 0, empty: "Watching …" }),
  ];
}

function change(before, now, names) {
  const hits = Object.fromEntries(names.map((name) => [name, Math.max(0, now.hits[name] - (before.hits[name] ?? 0))]));
  const asked = total(hits) + Math.max(0, now.misses - before.misses);
  return { hits, asked, perSecond: asked / ((now.at - before.at) / 1000) };
}

function total(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function forgetting(signal) {
  const { pipelines } = await ask("/v1/pipelines", { signal });
  const what = h("select", { name: "what" },
    pipelines.map(({ name, version }) => h("option", { value: `${name}@${version}` }, `Results of ${name} ${version}`)),
    h("option", { value: "" }, "Everything of this namespace"));
  const said = h("div", { "aria-live": "polite" });
  const forget = async () => {
    const asked = await confirmed(what.value ? ofPipeline(what.value) : OF_EVERYTHING);
    if (!asked) return;
    try {
      const gone = await ask("/v1/invalidations", { method: "POST", body: { ...selector(what.value), note: asked.note } });
      refill(said, h("p", null, forgotten(gone)));
    } catch (problem) {
      refill(said, problemNotice(problem));
    }
  };
  return h("section", { "aria-label": "Forget results", class: "noprint" }, h("h2", null, "Forget results"),
    h("p", { class: "soft" }, "Files stay; what was computed of them is computed anew when it is asked for again."),
    h("div", { class: "row" }, h("label", { class: "field" }, "What", what), h("button", { class: "grave", onclick: forget }, "Forget …")), said);
}

/** Erase a file that has no job to go to: by its digest, or by the file itself, which is hashed here and sent nowhere. */
function erasing() {
  const said = h("div", { "aria-live": "polite" });
  const digest = h("input", { name: "sha256", maxlength: 64, pattern: "[0-9a-fA-F]{64}", required: true, autocomplete: "off", class: "digest" });
  const hash = async () => (digest.value = file.files.length ? await sha256Of(file.files[0]) : "");
  const file = h("input", { type: "file", class: "unseen", tabindex: -1, "aria-label": "The file to erase", onchange: hash });
  const erase = (event) => {
    event.preventDefault();
    eraseFile({ sha256: digest.value.toLowerCase(), name: file.files[0]?.name ?? `${digest.value.slice(0, 12)}…` }, said);
  };
  return h("section", { "aria-label": "Erase a file", class: "noprint" }, h("h2", null, "Erase a file"),
    h("p", { class: "soft" }, "The file itself and all that was computed from it are removed for good. It is named by its SHA-256."),
    h("form", { class: "row", onsubmit: erase },
      h("label", { class: "field long" }, "SHA-256", digest),
      canHash() && h("button", { type: "button", onclick: () => file.click() }, "Hash a file here"), file,
      h("button", { class: "grave" }, "Erase …")), said);
}

const OF_EVERYTHING = { title: "Forget everything?", text: "All results and parts of this namespace are removed, on every replica. This cannot be undone.", act: "Forget everything", word: "everything" };

function ofPipeline(named) {
  return { title: "Forget these results?", text: `All results of ${named.replace("@", " ")} are removed, on every replica. This cannot be undone.`, act: "Forget them" };
}

function selector(named) {
  const [name, version] = named.split("@");
  return named ? { pipeline: { name, from_version: version, to_version: version } } : { everything: true };
}

/** What was removed, in a sentence. */
export function forgotten({ removed_results: results, removed_parts: parts, unreached }) {
  return [`Forgotten: ${plural(results, "result")} and ${plural(parts, "part")}.`, ...unreached].join(" ");
}
