/** All unique sequences, searched and taken away. */

import { badge, h, refill, section, table } from "../dom.js";
import { save, saveCsv, stem } from "../downloads.js";
import { fixed, percent, plural, spoken } from "../words.js";
import { biom, fasta } from "./formats.js";

const SHOWN = 50;
const KINDS = { known: "good", potentially_novel: "care", not_this_marker: "plain", unassigned: "plain" };

export function sequenceTable(result, job) {
  const { sequences, ranks, unlisted_sequences: unlisted } = result;
  const place = h("div", { "aria-live": "polite" });
  let count = SHOWN;
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = wanted ? sequences.filter((one) => searched(one).includes(wanted)) : sequences;
    refill(place, table(`${plural(found.length, "sequence")}, most abundant first`, COLUMNS, found.slice(0, count)),
      found.length > count && h("p", { class: "row noprint" }, h("button", { onclick: () => ((count += SHOWN), show()) }, `Show ${Math.min(SHOWN, found.length - count)} more`)));
  };
  const search = h("input", { type: "search", oninput: () => ((count = SHOWN), show()) });
  show();
  const name = stem(job.file_name);
  return section("Sequences",
    h("div", { class: "row spread noprint" }, h("label", { class: "row" }, "Search", search),
      h("div", { class: "row" },
        h("button", { onclick: () => saveCsv(`${name}-sequences.csv`, files(ranks), sequences) }, "CSV"),
        h("button", { onclick: () => save(`${name}.fasta`, fasta(sequences), "text/x-fasta") }, "FASTA"),
        h("button", { onclick: () => save(`${name}.biom`, biom(result, job), "application/json") }, "BIOM"))),
    unlisted > 0 && h("p", { class: "soft" }, `${plural(unlisted, "rarer sequence")} are counted above but not listed.`), place);
}

/** What a search looks through: identifier, names, accession, cluster, status, and the letters. */
function searched({ id, letters, cluster, assignment }) {
  return [id, cluster, assignment.status, assignment.hit_accession, ...assignment.names, letters].join("\n").toLowerCase();
}

const COLUMNS = [
  { head: "Sequence", cell: ({ id }) => h("span", { class: "id" }, id) },
  { head: "Reads", number: true, cell: ({ abundance }) => abundance.toLocaleString("en") },
  { head: "Status", cell: ({ assignment }) => badge(spoken(assignment.status), KINDS[assignment.status]) },
  { head: "Taxon", cell: ({ assignment }) => assignment.names.filter(Boolean).slice(-2).join(" › ") },
  { head: "Confidence", number: true, cell: ({ assignment }) => fixed(assignment.confidences[assignment.names.findLastIndex(Boolean)], 2) },
  { head: "Novelty", number: true, cell: ({ assignment }) => fixed(assignment.novelty, 2) },
  { head: "Best hit", cell: ({ assignment }) => assignment.hit_accession },
  { head: "Identity", number: true, cell: ({ assignment }) => (assignment.hit_accession ? percent(100 * assignment.identity, 1) : "–") },
  { head: "Cluster", cell: ({ cluster }) => cluster },
  { head: "Length", number: true, cell: ({ letters }) => letters.length },
];

function files(ranks) {
  return [
    { head: "id", value: ({ id }) => id },
    { head: "reads", value: ({ abundance }) => abundance },
    { head: "status", value: ({ assignment }) => assignment.status },
    ...ranks.flatMap((rank, at) => [
      { head: rank, value: ({ assignment }) => assignment.names[at] },
      { head: `${rank}_confidence`, value: ({ assignment }) => assignment.confidences[at] },
    ]),
    { head: "novelty", value: ({ assignment }) => assignment.novelty },
    { head: "best_hit", value: ({ assignment }) => assignment.hit_accession },
    { head: "identity", value: ({ assignment }) => assignment.identity },
    { head: "cluster", value: ({ cluster }) => cluster },
    { head: "sequence", value: ({ letters }) => letters },
  ];
}
