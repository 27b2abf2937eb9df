-- What was invalidated or erased; which parts each job used, of which input; generations and scopes of records.
-- depends: 0002.retention

CREATE TABLE invalidations (
    position   bigserial PRIMARY KEY,
    id         uuid NOT NULL UNIQUE,
    generation bigint NOT NULL,
    namespace  text NOT NULL,
    selector   jsonb NOT NULL,
    erases     boolean NOT NULL,
    note       text NOT NULL DEFAULT '',
    made_at    timestamptz NOT NULL,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    finished_at   timestamptz
);
COMMENT ON TABLE invalidations IS 'What must not be served any more: records of an older generation that the selector names. Rows are added under one lock, so that position is the order in which they become visible.';
CREATE INDEX invalidations_unfinished ON invalidations (made_at) WHERE finished_at IS NULL;

ALTER TABLE analysis_results
    ADD COLUMN generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN namespace text NOT NULL DEFAULT '',
    ADD COLUMN pipeline text NOT NULL DEFAULT '',
    ADD COLUMN pipeline_version text NOT NULL DEFAULT '',
    ADD COLUMN blob_sha256 bytea NOT NULL DEFAULT '';
UPDATE analysis_results r
SET namespace = j.namespace, pipeline = j.pipeline, pipeline_version = j.pipeline_version, blob_sha256 = j.blob_sha256
FROM analysis_jobs j WHERE j.key = r.key;
CREATE INDEX analysis_results_blob ON analysis_results (namespace, blob_sha256);
CREATE INDEX analysis_results_pipeline ON analysis_results (namespace, pipeline);

ALTER TABLE analysis_parts
    ADD COLUMN generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN namespace text NOT NULL DEFAULT '',
    ADD COLUMN pipeline text NOT NULL DEFAULT '',
    ADD COLUMN pipeline_version text NOT NULL DEFAULT '',
    ADD COLUMN blob_sha256 bytea NOT NULL DEFAULT '';
CREATE INDEX analysis_parts_pipeline ON analysis_parts (namespace, pipeline);

CREATE TABLE manifest_jobs (
    job_key          bytea NOT NULL,
    part_pipeline    text NOT NULL,
    part_version     text NOT NULL,
    namespace        text NOT NULL,
    pipeline         text NOT NULL,
    pipeline_version text NOT NULL,
    blob_sha256      bytea NOT NULL,
    joined_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_key, part_pipeline, part_version)
);
COMMENT ON TABLE manifest_jobs IS 'The input of each job that has a manifest, and the pipelines of its parts.';
CREATE INDEX manifest_jobs_blob ON manifest_jobs (namespace, blob_sha256);
CREATE INDEX manifest_jobs_pipeline ON manifest_jobs (namespace, pipeline);
