/** The result of a taxonomic analysis: what was left out first, then what the sample is made of. */

import { badge, facts, h, refill, section, table } from "../dom.js";
import { chart } from "../plots/chart.js";
import { histogram } from "../plots/histogram.js";
import { fixed, number, percent, plural, spoken } from "../words.js";
import { clusters } from "./clusters.js";
import { comparison } from "./compare.js";
import { composition } from "./composition.js";
import { hierarchy } from "./hierarchy.js";
import { sequenceTable } from "./table.js";

/** @param {any} result the fields of `SequenceTaxonomy` */
export async function showSequences(place, result, job, signal) {
  refill(place, tiles(result), reading(result), composition(result), hierarchy(result), certainty(result),
    clusters(result, signal), diversity(result), sequenceTable(result, job), comparison(result, job, signal), provenance(result));
}

function tiles({ reading: { kept_reads: reads, unique_sequences: unique }, mean_confidence: mean, statuses }) {
  const tile = (value, says) => h("div", { class: "tile" }, h("strong", null, value), h("span", null, says));
  const of = (wanted) => statuses.find(({ status }) => status === wanted)?.reads ?? 0;
  const share = (wanted) => percent(reads ? (100 * of(wanted)) / reads : null, 1);
  return h("div", { class: "tiles" }, tile(reads.toLocaleString("en"), "reads"), tile(unique.toLocaleString("en"), "unique sequences"),
    tile(share("known"), "of the reads known"), tile(share("potentially_novel"), "potentially novel"), tile(fixed(mean, 2), "mean confidence"));
}

const STATUS = [
  { head: "Status", cell: ({ status }) => spoken(status) },
  { head: "Unique sequences", number: true, cell: ({ sequences }) => sequences.toLocaleString("en") },
  { head: "Reads", number: true, cell: ({ reads }) => reads.toLocaleString("en") },
];

const LEFT_OUT = { empty: "without letters", too_short: "too short", too_long: "too long", expected_errors: "with too many errors expected by their quality scores" };

function reading({ reading: told, statuses }) {
  const dropped = Object.entries(told.dropped ?? {}).filter(([, count]) => count > 0).map(([why, count]) => `${count.toLocaleString("en")} ${LEFT_OUT[why] ?? spoken(why).toLowerCase()}`);
  return section("Quality",
    told.warnings.length > 0 && h("ul", { class: "findings" }, told.warnings.map(({ code, message }) =>
      h("li", null, badge("warning", "care"), " ", h("strong", null, spoken(code.toLowerCase())), ` · ${message}`))),
    h("p", null, `${told.kept_records.toLocaleString("en")} of ${plural(told.records, "record")} of this ${told.is_compressed ? "compressed " : ""}${told.format} file were taken`,
      dropped.length ? `; left out were ${dropped.join(", ")}.` : "."),
    table("What is known of the sequences", STATUS, statuses));
}

function certainty({ sequences }) {
  const named = sequences.map(({ assignment }) => lowest(assignment)).filter((value) => value !== null);
  return section("Confidence and novelty", h("div", { class: "charts" },
    histogram({ title: "Confidence of the lowest taxon that is named", x: "confidence", values: named }),
    histogram({ title: "Probability of a genus that the reference does not hold", x: "probability", values: sequences.map(({ assignment }) => assignment.novelty) })));
}

/** The confidence of the lowest taxon that is named; null where none is. */
function lowest({ names, confidences }) {
  const at = names.findLastIndex(Boolean);
  return at < 0 ? null : confidences[at];
}

function diversity({ diversity: told, rarefaction }) {
  return section("Diversity", h("div", { class: "charts" },
    facts([
      ["Richness", told.features.toLocaleString("en")],
      ["Shannon", `${number(told.shannon)} (base ${told.shannon_base})`],
      ["Simpson", number(told.simpson)], ["Chao1", number(told.chao1, 5)], ["Pielou's evenness", number(told.pielou)],
      ["Faith's PD", told.faith === null ? (told.faith_method ? "no sequence has a hit" : "the reference has no tree") : number(told.faith)],
      ["Singletons, doubletons", `${told.singletons}, ${told.doubletons}`],
    ]),
    chart({ title: "Rarefaction", x: "reads", y: "different sequences expected", from: 0, series: [{ name: "Richness", points: rarefaction.map(({ reads, features }) => ({ x: reads, y: features })) }] })));
}

function provenance({ reference, params, ranks }) {
  return section("Provenance", facts([
    ["Reference", `${reference.name} ${reference.version}, ${plural(reference.sequences, "sequence")}`],
    ["Its digest", h("code", null, reference.digest)], ["Licence", reference.licence], ["To cite", reference.citation], ["Ranks", ranks.join(", ")],
  ]), h("details", null, h("summary", null, "All parameters as applied"), facts(Object.entries(params).map(([name, value]) => [name, h("code", null, JSON.stringify(value))]))));
}
