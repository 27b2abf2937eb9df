/** How a result came about: what a report has to state. */

import { facts, h, section } from "../dom.js";
import { number, spoken } from "../words.js";

export function provenance({ provenance: told, recording, rate, channels, profile }) {
  const filter = channels.find(({ features }) => features.filter)?.features.filter;
  return section("Provenance", facts([
    ["Analysis", `${told.pipeline} ${told.pipeline_version}, profile ${profile}`],
    ["SHA-256", told.content_sha256 && h("code", null, told.content_sha256)],
    ["Recording", `${recording.frames_read} of ${recording.frames_declared} frames, ${recording.processor} ${recording.storage} samples, ${number(recording.point_rate_hz)} frames/s`],
    ["Sampling rate", `${number(rate.used_hz, 6)} Hz (${rate.source}); by mains interference ${rate.estimated_hz === null ? "not known" : `${number(rate.estimated_hz, 6)} Hz, confidence ${rate.confidence}`}`],
    ["Filter", filter && `Butterworth, order ${filter.effective_order} after both passes, −3 dB at ${number(filter.effective_low_cut_hz)} and ${number(filter.effective_high_cut_hz)} Hz${filter.notch_hz.length ? `, notches at ${filter.notch_hz.join(", ")} Hz` : ""}`],
    ["Contractions", told.onset_method],
    ["Rest", told.baseline_method],
    ["Spectra", told.spectrum_window && `${told.spectrum_window} window, ${told.spectrum_detrend} detrend`],
    ["Percentages", told.normalisation_method],
    ...Object.entries(recording.metadata ?? {}).map(([name, value]) => [spoken(name), value]),
    ["Computed with", `numpy ${told.numpy_version}, scipy ${told.scipy_version}`],
    ["Not in the file", told.not_supplied.map((item) => item.replaceAll("_", " ")).join(", ")],
  ]), parameters(told.params));
}

function parameters(params) {
  const said = Object.entries(params ?? {}).map(([name, value]) => [name, h("code", null, JSON.stringify(value))]);
  return h("details", null, h("summary", null, "All parameters as applied"), facts(said));
}
