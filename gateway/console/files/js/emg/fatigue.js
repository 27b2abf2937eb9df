/** Whether a muscle tires: frequencies and amplitude over contractions, and over the whole channel in windows. */

import { h, section, table } from "../dom.js";
import { chart } from "../plots/chart.js";
import { fixed, number, percent } from "../words.js";

const TRENDS = [
  { name: "median_frequency_hz", title: "Median frequency", unit: "Hz", of: (one) => one.spectrum?.median_frequency_hz },
  { name: "mean_frequency_hz", title: "Mean frequency", unit: "Hz", of: (one) => one.spectrum?.mean_frequency_hz },
  { name: "rms_uv", title: "RMS", unit: "µV", of: (one) => one.amplitude?.rms_uv },
  { name: "fi_nsm5", title: "Dimitrov's index", unit: "s⁶", of: (one) => one.spectrum?.fi_nsm5 },
];
const DRAWN = ["median_frequency_hz", "rms_uv"];

export function fatigue({ label, features }) {
  const told = TRENDS.map((trend) => ({ ...trend, line: features.fatigue?.[trend.name] })).filter(({ line }) => line);
  return section(`Fatigue of ${label}`,
    told.length
      ? [table("Change over contractions, by a straight line", COLUMNS, told), h("p", { class: "soft" }, "Falling frequencies with a steady or rising amplitude are what fatigue looks like in a steady task."),
          h("div", { class: "charts" }, TRENDS.filter(({ name }) => DRAWN.includes(name)).map((trend) => overContractions(trend, features)))]
      : h("p", null, "A trend needs three contractions or more."),
    features.series && h("div", { class: "charts" }, DRAWN.map((metric) => overTime(metric, features.series))));
}

const COLUMNS = [
  { head: "Measure", cell: ({ title, unit }) => `${title}, ${unit}` },
  { head: "Change a minute", number: true, cell: ({ line }) => number(line.slope_per_min) },
  { head: "in percent", number: true, cell: ({ line }) => percent(line.slope_percent_per_min, 1) },
  { head: "95 % confidence", number: true, cell: ({ line }) => `${number(line.ci_low_per_min)} to ${number(line.ci_high_per_min)}` },
  { head: "r²", number: true, cell: ({ line }) => fixed(line.r_squared, 2) },
  { head: "Contractions", number: true, cell: ({ line }) => line.n },
];

function overContractions({ name, title, unit, of }, features) {
  const points = features.contractions.filter((one) => Number.isFinite(of(one)))
    .map((one) => ({ x: (one.onset_ms + one.offset_ms) / 120_000, y: of(one) }));
  const line = features.fatigue[name];
  return chart({ title: `${title} of each contraction`, x: "min", y: unit, series: [{ name: title, points }], dots: true, trend: line && { intercept: line.intercept, slope: line.slope_per_min } });
}

function overTime(metric, series) {
  const trend = TRENDS.find(({ name }) => name === metric);
  const found = series.metrics.find((one) => one.metric === metric);
  const points = (found?.values ?? []).map((y, at) => ({ x: (found.windows[at] * series.step_ms + series.window_ms / 2) / 1000, y }));
  return chart({ title: `${trend.title} in windows of ${number(series.window_ms / 1000)} s`, x: "s", y: trend.unit, series: [{ name: trend.title, points }] });
}
