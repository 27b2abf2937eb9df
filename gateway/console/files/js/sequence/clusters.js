/** Groups of unique sequences, in the plane of the reference's projection. */

import { h, section, table } from "../dom.js";
import { plural } from "../words.js";
import { swatch } from "./composition.js";

const MARGIN = 12;

export function clusters({ clusters: groups, sequences }, signal) {
  if (groups.length === 0) return section("Clusters", h("p", null, "No sequence is of this marker."));
  const canvas = h("canvas", { role: "img", "aria-label": `${plural(sequences.length, "unique sequence")} in ${plural(groups.length, "cluster")}; the table says how large each is.` });
  const draw = () => canvas.isConnected && paint(canvas, groups, sequences);
  new ResizeObserver(draw).observe(canvas);
  for (const kind of ["themechange", "beforeprint", "afterprint"]) addEventListener(kind, draw, { signal });
  return section("Clusters", h("figure", { class: "plot" }, canvas,
    h("figcaption", null, "Each dot is a unique sequence, the larger the more reads. C: known, N: potentially novel, C0 and N0: outside of every cluster.")),
  h("details", null, h("summary", null, plural(groups.length, "cluster")), table("Clusters, by size", COLUMNS, groups)));
}

const COLUMNS = [
  { head: "Cluster", cell: ({ id, color }) => [swatch(color), " ", id] },
  { head: "Unique sequences", number: true, cell: ({ sequences }) => sequences.toLocaleString("en") },
  { head: "Reads", number: true, cell: ({ reads }) => reads.toLocaleString("en") },
];

function paint(canvas, groups, sequences) {
  const { width, height } = canvas.getBoundingClientRect();
  const dense = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * dense), Math.round(height * dense)];
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  const colors = new Map(groups.map(({ id, color }) => [id, color]));
  const dots = sequences.filter(({ cluster }) => colors.has(cluster));
  const across = spread(dots.map(({ assignment }) => assignment.x), MARGIN, width - MARGIN);
  const up = spread(dots.map(({ assignment }) => assignment.y), height - MARGIN, MARGIN);
  pen.globalAlpha = 0.75;
  for (const { cluster, abundance, assignment } of dots) {
    pen.fillStyle = colors.get(cluster);
    pen.beginPath();
    pen.arc(across(assignment.x), up(assignment.y), Math.min(14, 2 + 1.6 * Math.log2(1 + abundance) ** 0.8), 0, 2 * Math.PI);
    pen.fill();
  }
  canvas.dataset.points = dots.length;
}

function spread(values, from, to) {
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity);
  return (value) => (most > least ? from + ((value - least) / (most - least)) * (to - from) : (from + to) / 2);
}
