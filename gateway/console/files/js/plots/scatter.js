/** Points in a plane whose distances are to be read: one unit is as long on both axes. */

import { h, s } from "../dom.js";
import { axes, BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH } from "./chart.js";

/** Points nearer than this, in the drawing's units, share one label. */
const NEAR = 12;

/** @param {{title: string, x: string, y: string, points: {label: string, name: string, x: number, y: number}[]}} asked */
export function scatter({ title, x, y, points }) {
  const [across, up] = equal(points);
  const place = { x: (value) => LEFT + ((value - across[0]) / (across[1] - across[0])) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - ((value - up[0]) / (up[1] - up[0])) * (HEIGHT - TOP - BOTTOM) };
  const at = points.map((point) => ({ ...point, x: place.x(point.x), y: place.y(point.y) }));
  return h("figure", { class: "chart" }, h("figcaption", null, title),
    s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${points.length} samples by ${x} and ${y}. Their coordinates and distances are in tables.` },
      axes(across, up, place, x, y),
      s("g", { class: "s1" }, at.map(({ name, x: cx, y: cy }) => s("circle", { cx, cy, r: 5, "fill-opacity": 0.75 }, s("title", null, name)))),
      s("g", { class: "strong", "aria-hidden": "true" }, near(at).map(label))));
}

function label(group) {
  const [{ x, y }] = group;
  const right = x < WIDTH - 60;
  return s("text", { x: x + (right ? 9 : -9), y: y + 4, "text-anchor": right ? "start" : "end" }, group.map(({ label }) => label).join(", "));
}

/** Points in groups of those that lie nearly on each other. */
function near(points) {
  const groups = [];
  for (const point of points) {
    const found = groups.find(([first]) => Math.hypot(first.x - point.x, first.y - point.y) < NEAR);
    if (found) found.push(point);
    else groups.push([point]);
  }
  return groups;
}

/** What both axes show, of the same scale, with the points in the middle. */
function equal(points) {
  const ends = (values) => [Math.min(...values), Math.max(...values)];
  const [x, y] = [ends(points.map((point) => point.x)), ends(points.map((point) => point.y))];
  const [wide, high] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];
  const unit = 1.15 * Math.max((x[1] - x[0]) / wide, (y[1] - y[0]) / high) || 1 / wide;
  const around = ([least, most], size) => [(least + most - unit * size) / 2, (least + most + unit * size) / 2];
  return [around(x, wide), around(y, high)];
}
