/** Every contraction of a channel. */

import { badge, h, section, table } from "../dom.js";
import { saveCsv, stem } from "../downloads.js";
import { fixed, number, plural, spoken, yesNo } from "../words.js";

const MEASURES = [
  { head: "Onset, s", file: "onset_ms", of: (one) => one.onset_ms, shown: (value) => fixed(value / 1000, 3) },
  { head: "Duration, s", file: "duration_ms", of: (one) => one.duration_ms, shown: (value) => fixed(value / 1000, 3) },
  { head: "Mean, µV", file: "mean_envelope_uv", of: (one) => one.mean_envelope_uv },
  { head: "Peak, µV", file: "peak_envelope_uv", of: (one) => one.peak_envelope_uv },
  { head: "Peak, % of reference", file: "peak_percent", of: (one) => one.peak_percent },
  { head: "RMS, µV", file: "rms_uv", of: (one) => one.amplitude?.rms_uv },
  { head: "Median frequency, Hz", file: "median_frequency_hz", of: (one) => one.spectrum?.median_frequency_hz },
  { head: "Mean frequency, Hz", file: "mean_frequency_hz", of: (one) => one.spectrum?.mean_frequency_hz },
];

/** @param {(contraction: any) => void} onShow */
export function contractionTable(channel, job, onShow) {
  const rows = channel.features.contractions.map((contraction, at) => ({ ...contraction, number: at + 1 }));
  if (rows.length === 0) return section(`Contractions of ${channel.label}`, h("p", null, "No contraction stands out from rest."));
  const columns = [
    { head: "No.", cell: (one) => h("button", { class: "small", "aria-label": `Show contraction ${one.number} in the signal`, onclick: () => onShow(one) }, one.number) },
    ...MEASURES.map(({ head, of, shown = number }) => ({ head, number: true, cell: (one) => shown(of(one)) })),
    { head: "Strong enough", cell: (one) => yesNo(one.meets_intensity) },
    { head: "Long enough", cell: (one) => yesNo(one.meets_duration) },
    { head: "Mind", cell: (one) => one.flags.map((flag) => badge(spoken(flag), flag === "artefact_suspected" || flag === "clipped" ? "care" : "plain")) },
  ];
  return section(`Contractions of ${channel.label}`,
    table(caption(channel), columns, rows),
    h("p", { class: "row noprint" }, h("button", { onclick: () => save(channel, rows, job) }, "Contractions as CSV")));
}

function caption({ features, reference }) {
  const { artefact_count: artefacts, too_short_count: short } = features.contraction_summary;
  const of = reference.origin === "session_peak" ? "the reference is the channel's own peak, not a maximal contraction" : `the reference is ${number(reference.amplitude_uv)} µV (${spoken(reference.origin).toLowerCase()})`;
  return `Amplitudes are of the RMS envelope; ${of}. Left out: ${plural(short, "candidate")} too short, ${plural(artefacts, "artefact")}.`;
}

function save(channel, rows, job) {
  const columns = [
    { head: "channel", value: () => channel.label },
    { head: "contraction", value: (one) => one.number },
    ...MEASURES.map(({ file, of }) => ({ head: file, value: of })),
    { head: "offset_ms", value: (one) => one.offset_ms },
    { head: "flags", value: (one) => one.flags.join(" ") },
  ];
  saveCsv(`${stem(job.file_name)}-${stem(channel.label)}-contractions.csv`, columns, rows);
}
