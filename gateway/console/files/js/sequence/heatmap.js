/** Taxa by samples, as a table whose cells are coloured the stronger the larger the share: it is plot and numbers at once. */

import { h, table } from "../dom.js";
import { saveCsv } from "../downloads.js";
import { fixed } from "../words.js";

const SHOWN = 25;

/** @param {{number: number, name: string}[]} samples @param told the answer of `/visualizations/heatmap` */
export function heatmap(samples, { rank, taxa, shares, reads, unassigned }) {
  const rows = taxa.map((taxon, at) => ({ taxon, shares: shares[at] })).sort((a, b) => total(b) - total(a));
  const rest = rows.splice(SHOWN);
  if (rest.length > 0) rows.push({ taxon: `${rest.length} others`, shares: samples.map((_, at) => rest.reduce((sum, row) => sum + row.shares[at], 0)) });
  if (unassigned.some(Boolean)) rows.push({ taxon: "Unassigned", shares: unassigned });
  const columns = [{ head: "Taxon", cell: ({ taxon }) => named(taxon) },
    ...samples.map(({ number, name }, at) => ({ head: h("span", { class: "sample" }, h("strong", null, number), " ", name), number: true, cell: (row) => heat(row.shares[at]) }))];
  const save = () => saveCsv(`reads-by-${rank}.csv`, files(samples), taxa.map((taxon, at) => ({ taxon, reads: reads[at] })));
  return h("div", { class: "heatmap" }, table(`Share of each ${rank} in the reads, in percent; the larger, the stronger the colour`, columns, rows),
    h("p", { class: "row noprint" }, h("button", { onclick: save }, "Reads as CSV")));
}

const total = ({ shares }) => shares.reduce((sum, share) => sum + share, 0);

/** A taxon by its own name; its lineage is told to who asks. */
function named(lineage) {
  return h("span", { title: lineage }, lineage.split("; ").at(-1));
}

function heat(share) {
  const cell = h("span", { class: "heat" }, share === 0 ? "0" : share < 0.0005 ? "< 0.1" : fixed(100 * share));
  cell.style.setProperty("--share", Math.sqrt(share)); // so that rare taxa are seen too
  return cell;
}

function files(samples) {
  return [{ head: "taxon", value: ({ taxon }) => taxon }, ...samples.map(({ name }, at) => ({ head: name, value: ({ reads }) => reads[at] }))];
}
