"""The files that a reference is built from, in the folder that the job is told."""

SEQUENCES_NAME, TAXONOMY_NAME = "sequences", "taxonomy"
