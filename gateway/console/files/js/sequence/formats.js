/** Sequences in the forms that other programs read. */

const LINE = 80;

/** FASTA, with the reads as `size=N`. */
export function fasta(sequences) {
  return sequences.map(({ id, letters, abundance }) => `>${id};size=${abundance}\n${letters.replace(new RegExp(`.{${LINE}}(?=.)`, "g"), "$&\n")}\n`).join("");
}

/** A BIOM 1.0 table of one sample. */
export function biom({ sequences }, job) {
  const rows = sequences.map(({ id, assignment }) => ({ id, metadata: { taxonomy: assignment.names.filter(Boolean) } }));
  return JSON.stringify({
    id: job.job_id,
    format: "Biological Observation Matrix 1.0.0",
    format_url: "http://biom-format.org",
    type: "OTU table",
    generated_by: `${job.pipeline} ${job.pipeline_version}`,
    date: job.updated_at,
    matrix_type: "sparse",
    matrix_element_type: "int",
    shape: [rows.length, 1],
    rows,
    columns: [{ id: job.file_name || job.job_id, metadata: null }],
    data: sequences.map(({ abundance }, at) => [at, 0, abundance]),
  });
}
