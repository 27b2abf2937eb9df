/** Profile COMPAT: what the earlier analyzer computed, under its names. */

import { h, section, table } from "../dom.js";
import { saveCsv, stem } from "../downloads.js";
import { number, percent, spoken } from "../words.js";

const COLUMNS = [
  { head: "contraction_count", of: (channel) => channel.contraction_count },
  { head: "good_contraction_count", of: (channel) => channel.good_contraction_count },
  { head: "avg_duration_ms", of: (channel) => channel.avg_duration_ms },
  { head: "total_time_under_tension_ms", of: (channel) => channel.total_time_under_tension_ms },
  { head: "rms", of: (channel) => channel.rms },
  { head: "mav", of: (channel) => channel.mav },
  { head: "mpf", of: (channel) => channel.mpf },
  { head: "mdf", of: (channel) => channel.mdf },
  { head: "fatigue_index_fi_nsm5", of: (channel) => channel.fatigue_index_fi_nsm5 },
];

const SPOKEN = ["Contractions", "Good ones", "Mean duration, ms", "Under tension, ms", "RMS, V", "MAV, V", "Mean frequency, Hz", "Median frequency, Hz", "FI nsm5, s⁶"];

export function showCompat({ channels }, job) {
  const columns = [
    { head: "Channel", cell: ({ label }) => label },
    ...COLUMNS.map(({ of }, at) => ({ head: SPOKEN[at], number: true, cell: (channel) => number(of(channel)) })),
    { head: "Compliance", number: true, cell: (channel) => percent(channel.compliance_rate === null ? null : 100 * channel.compliance_rate) },
    { head: "Rejected", cell: (channel) => (channel.rejection_reason ? spoken(channel.rejection_reason) : "") },
  ];
  const save = () => saveCsv(`${stem(job.file_name)}-channels.csv`, [{ head: "channel", value: ({ label }) => label }, ...COLUMNS.map(({ head, of }) => ({ head, value: of }))], channels);
  return [section("Channels, as the earlier analyzer measured them", table("Numbers are in the units of the file", columns, channels),
    h("p", { class: "row noprint" }, h("button", { onclick: save }, "Channels as CSV")))];
}
