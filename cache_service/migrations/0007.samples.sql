-- What the analyses of sequences found, as rows for SQL; what a submission's metadata say of where a sample was taken.
-- depends: 0006.job-id-index

ALTER TABLE submissions
    ADD COLUMN location     text,
    ADD COLUMN latitude     double precision,
    ADD COLUMN longitude    double precision,
    ADD COLUMN depth_m      double precision,
    ADD COLUMN collected_at timestamptz,
    ADD COLUMN environment  text;
COMMENT ON COLUMN submissions.location IS 'Where it was taken, in words. Like the next five: out of metadata, NULL where they do not say it in a form that is understood.';
COMMENT ON COLUMN submissions.latitude IS 'Degrees north, -90 to 90.';
COMMENT ON COLUMN submissions.longitude IS 'Degrees east, -180 to 180.';
COMMENT ON COLUMN submissions.depth_m IS 'Metres below the surface.';
COMMENT ON COLUMN submissions.collected_at IS 'When it was taken; UTC where the metadata do not say the zone, midnight where they say the day only.';
COMMENT ON COLUMN submissions.environment IS 'What it was taken from, for example "sea water".';

CREATE TABLE sample_results (
    result_id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key                  bytea NOT NULL,
    job_id               uuid NOT NULL,
    namespace            text NOT NULL,
    computed_at          timestamptz NOT NULL,
    pipeline_version     text NOT NULL,
    format               text NOT NULL,
    records              bigint NOT NULL,
    reads                bigint NOT NULL,
    unique_sequences     bigint NOT NULL,
    unlisted_sequences   bigint NOT NULL,
    known_reads          bigint NOT NULL,
    novel_reads          bigint NOT NULL,
    other_marker_reads   bigint NOT NULL,
    unassigned_reads     bigint NOT NULL,
    mean_confidence      double precision NOT NULL,
    richness             bigint NOT NULL,
    shannon              double precision,
    shannon_base         text,
    simpson              double precision,
    chao1                double precision,
    pielou               double precision,
    faith                double precision,
    ranks                text[] NOT NULL,
    reference_name       text NOT NULL,
    reference_version    text NOT NULL,
    reference_digest     bytea NOT NULL,
    -- Deferred: these rows are written first, as they take longest, and nothing is locked meanwhile.
    CONSTRAINT sample_results_result FOREIGN KEY (key) REFERENCES analysis_results (key)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE sample_results IS 'What stands in analysis_results of a sample of sequences, as figures. A row comes and goes with its result. The view samples joins it with the submissions.';
COMMENT ON COLUMN sample_results.result_id IS 'Another one whenever it is computed anew.';
COMMENT ON COLUMN sample_results.key IS 'The job''s key.';
COMMENT ON COLUMN sample_results.job_id IS 'The job, as answers name it.';
COMMENT ON COLUMN sample_results.namespace IS 'Whose it is.';
COMMENT ON COLUMN sample_results.computed_at IS 'When it was computed.';
COMMENT ON COLUMN sample_results.pipeline_version IS 'Version of sequence.taxonomy.';
COMMENT ON COLUMN sample_results.format IS 'FASTA or FASTQ.';
COMMENT ON COLUMN sample_results.records IS 'Records of the file.';
COMMENT ON COLUMN sample_results.reads IS 'Reads that were taken, after filters.';
COMMENT ON COLUMN sample_results.unique_sequences IS 'Unique sequences among them.';
COMMENT ON COLUMN sample_results.unlisted_sequences IS 'Unique sequences, the least abundant ones, that are not in the table sequences.';
COMMENT ON COLUMN sample_results.known_reads IS 'Reads with a place in the reference.';
COMMENT ON COLUMN sample_results.novel_reads IS 'Reads whose genus (or lowest rank) is probably not in the reference.';
COMMENT ON COLUMN sample_results.other_marker_reads IS 'Reads that are not of the reference''s marker.';
COMMENT ON COLUMN sample_results.unassigned_reads IS 'Reads of which no rank reaches the confidence asked for.';
COMMENT ON COLUMN sample_results.mean_confidence IS 'Mean over the reads of the confidence of the lowest taxon named, 0 to 1.';
COMMENT ON COLUMN sample_results.richness IS 'Unique sequences of the marker.';
COMMENT ON COLUMN sample_results.shannon IS 'Shannon''s index. Like the next ones NULL where it is not defined.';
COMMENT ON COLUMN sample_results.shannon_base IS 'Base of its logarithm: e, 2 or 10.';
COMMENT ON COLUMN sample_results.simpson IS 'Simpson''s index as 1 - D.';
COMMENT ON COLUMN sample_results.chao1 IS 'Chao1, bias-corrected, in unique sequences.';
COMMENT ON COLUMN sample_results.pielou IS 'Pielou''s evenness, 0 to 1.';
COMMENT ON COLUMN sample_results.faith IS 'Faith''s phylogenetic diversity, in branch lengths of the reference''s tree.';
COMMENT ON COLUMN sample_results.ranks IS 'The reference''s ranks, highest first.';
COMMENT ON COLUMN sample_results.reference_name IS 'The reference database, as it was named when it was built.';
COMMENT ON COLUMN sample_results.reference_version IS 'Its version.';
COMMENT ON COLUMN sample_results.reference_digest IS 'SHA-256 of its artefact.';
-- Not unique: two commits of one key write their rows at once, and would wait for each other. The result's row decides.
CREATE INDEX sample_results_key ON sample_results (key);
CREATE INDEX sample_results_job ON sample_results (job_id);
CREATE INDEX sample_results_namespace ON sample_results (namespace, computed_at);

CREATE TABLE sequences (
    job_id        uuid NOT NULL,
    result_id     bigint NOT NULL,
    position      integer NOT NULL,
    namespace     text NOT NULL,
    record_id     text NOT NULL,
    letters       text NOT NULL,
    length        integer NOT NULL,
    reads         bigint NOT NULL,
    records       bigint NOT NULL,
    mean_quality  real,
    status        text NOT NULL,
    taxon         text,
    taxon_rank    text,
    confidence    real,
    probability   real,
    taxa          jsonb NOT NULL,
    novelty       real NOT NULL,
    hit_accession text,
    identity      real,
    overlap       real,
    is_reversed   boolean NOT NULL,
    cluster       text,
    PRIMARY KEY (job_id, result_id, position)
);
COMMENT ON TABLE sequences IS 'The unique sequences of the samples, the 100,000 most abundant ones of each. They come and go with their row in sample_results: by a trigger, since a foreign key would look that row up once a sequence.';
COMMENT ON COLUMN sequences.job_id IS 'The job, as answers name it, and as samples has it.';
COMMENT ON COLUMN sequences.result_id IS 'The row of sample_results.';
COMMENT ON COLUMN sequences.position IS '1 is the most abundant one of its sample.';
COMMENT ON COLUMN sequences.namespace IS 'Whose it is.';
COMMENT ON COLUMN sequences.record_id IS 'Identifier of the first record of the file that holds it.';
COMMENT ON COLUMN sequences.letters IS 'The sequence, upper case, T for U.';
COMMENT ON COLUMN sequences.length IS 'In letters.';
COMMENT ON COLUMN sequences.reads IS 'Reads that it stands for.';
COMMENT ON COLUMN sequences.records IS 'Records of the file that hold it.';
COMMENT ON COLUMN sequences.mean_quality IS 'Phred score of the mean error probability. NULL for FASTA.';
COMMENT ON COLUMN sequences.status IS 'known, potentially_novel, not_this_marker or unassigned.';
COMMENT ON COLUMN sequences.taxon IS 'The lowest taxon that is named. NULL: none is.';
COMMENT ON COLUMN sequences.taxon_rank IS 'Its rank.';
COMMENT ON COLUMN sequences.confidence IS 'Share of the bootstraps that voted for it, 0 to 1.';
COMMENT ON COLUMN sequences.probability IS 'Calibrated probability that it is right, 0 to 1.';
COMMENT ON COLUMN sequences.taxa IS 'The taxa that are named, by rank: taxa ->> ''genus''.';
COMMENT ON COLUMN sequences.novelty IS 'Probability that its genus (or lowest rank) is not in the reference, 0 to 1.';
COMMENT ON COLUMN sequences.hit_accession IS 'The best hit in the reference. NULL: none.';
COMMENT ON COLUMN sequences.identity IS 'Identity of the aligned part with it, 0 to 1.';
COMMENT ON COLUMN sequences.overlap IS 'The part of the sequence that is aligned with it, 0 to 1.';
COMMENT ON COLUMN sequences.is_reversed IS 'Whether its reverse complement was assigned.';
COMMENT ON COLUMN sequences.cluster IS 'Its cluster in the sample: C for known ones, N for potentially novel ones. NULL: not of the marker.';
CREATE INDEX sequences_taxon ON sequences (namespace, taxon);

CREATE FUNCTION forget_sequences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sequences WHERE job_id = OLD.job_id AND result_id = OLD.result_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER sample_results_gone AFTER DELETE ON sample_results
    FOR EACH ROW EXECUTE FUNCTION forget_sequences();

CREATE VIEW samples AS
SELECT r.job_id, r.namespace, s.file_name, s.uploader, s.location, s.latitude, s.longitude, s.depth_m, s.collected_at,
    s.environment, s.metadata, s.first_seen_at AS submitted_at, r.computed_at, r.pipeline_version, r.format, r.records,
    r.reads, r.unique_sequences, r.unlisted_sequences, r.known_reads, r.novel_reads, r.other_marker_reads,
    r.unassigned_reads, r.mean_confidence, r.richness, r.shannon, r.shannon_base, r.simpson, r.chao1, r.pielou, r.faith,
    r.ranks, r.reference_name, r.reference_version, r.reference_digest
FROM sample_results r LEFT JOIN submissions s ON s.job_key = r.key;
COMMENT ON VIEW samples IS 'Samples of sequences: a row for each way that one was handed in (file name, uploader, metadata), with what its analysis found. One file that was handed in twice with different metadata is two rows of one job_id. The columns are those of submissions and sample_results.';

-- What the quota counts, and what bounds a removal, now holds these rows too.
DROP INDEX analysis_results_use;
ALTER TABLE analysis_results
    ADD COLUMN rows_bytes bigint NOT NULL DEFAULT 0,
    DROP COLUMN stored_bytes;
ALTER TABLE analysis_results
    ADD COLUMN stored_bytes bigint NOT NULL
        GENERATED ALWAYS AS (512 + coalesce(octet_length(payload), 0) + rows_bytes) STORED;
COMMENT ON COLUMN analysis_results.rows_bytes IS 'About what its rows in sample_results and sequences take.';
COMMENT ON COLUMN analysis_results.stored_bytes IS 'What the quota counts: the payload, 512 for the row and its indexes, and its rows in other tables.';
CREATE INDEX analysis_results_use ON analysis_results (last_used_at, key) INCLUDE (stored_bytes);
