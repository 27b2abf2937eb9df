/** Small charts as SVG: lines and dots over an axis, with a table's worth of words for those who do not see them. */

import { h, s } from "../dom.js";
import { number } from "../words.js";
import { ticks } from "./ticks.js";

export const WIDTH = 460, HEIGHT = 220;
export const LEFT = 48, RIGHT = 10, TOP = 22, BOTTOM = 34;

/**
 * @typedef {{x: number, y: number}} Point
 * @param {{title: string, x: string, y: string, series: {name: string, points: Point[]}[], from?: number, to?: number,
 *          dots?: boolean, trend?: {intercept: number, slope: number} | null, empty?: string}} asked
 *        `x` and `y` are the axes' units; `trend` is a line over x
 */
export function chart({ title, x, y, series, from, to, dots = false, trend = null, empty = "Nothing to draw." }) {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return figure(title, h("p", { class: "soft" }, empty));
  const across = range(points.map((point) => point.x));
  const up = range(points.map((point) => point.y), from, to);
  const place = { x: (value) => LEFT + ((value - across[0]) / (across[1] - across[0])) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - ((value - up[0]) / (up[1] - up[0])) * (HEIGHT - TOP - BOTTOM) };
  const drawn = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": said(title, y, series) },
    axes(across, up, place, x, y),
    trend && s("polyline", { class: "trend", points: across.map((at) => `${place.x(at)},${clamp(place.y(trend.intercept + trend.slope * at))}`).join(" ") }),
    series.map((one, at) => line(one, at, place, dots)));
  return figure(title, series.length > 1 && legend(series), drawn);
}

function figure(title, ...content) {
  return h("figure", { class: "chart" }, h("figcaption", null, title), ...content);
}

function legend(series) {
  return h("ul", { class: "legend" }, series.map(({ name }, at) => h("li", null, h("span", { class: `swatch s${at + 1}` }), ` ${name}`)));
}

function line({ points }, at, place, dots) {
  const at2 = points.map((point) => [place.x(point.x).toFixed(1), place.y(point.y).toFixed(1)]);
  return s("g", { class: `s${at + 1}` },
    s("polyline", { points: at2.map((pair) => pair.join(",")).join(" ") }),
    (dots || points.length === 1) && at2.map(([cx, cy]) => s("circle", { cx, cy, r: 3 })));
}

/** Lines, ticks and names of both axes, where `place` puts their values. */
export function axes(across, up, place, x, y) {
  const rows = ticks(up[0], up[1], 5).map((value) => [
    s("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: place.y(value), y2: place.y(value) }),
    s("text", { x: LEFT - 5, y: place.y(value) + 4, "text-anchor": "end" }, number(value)),
  ]);
  const columns = ticks(across[0], across[1], 6).map((value) => s("text", { x: place.x(value), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, number(value)));
  const names = [s("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, x), s("text", { x: 4, y: 11 }, y)];
  return s("g", { "aria-hidden": "true" }, rows, columns, names);
}

/** The least and the greatest, with some room; never empty. */
function range(values, from, to) {
  const least = from ?? Math.min(...values);
  const most = Math.max(to ?? Math.max(...values), least);
  if (most === least) return [least - (from === undefined ? 1 : 0), least + 1];
  const room = 0.06 * (most - least);
  return [from ?? least - room, to ?? most + room];
}

function clamp(y) {
  return Math.min(HEIGHT - BOTTOM, Math.max(TOP, y));
}

function said(title, unit, series) {
  const parts = series.filter(({ points }) => points.length).map(({ name, points }) => {
    const values = points.map(({ y }) => y);
    return `${name}: ${points.length} values from ${number(Math.min(...values))} to ${number(Math.max(...values))} ${unit}, the last ${number(values.at(-1))}`;
  });
  return `${title}. ${parts.join(". ")}.`;
}
