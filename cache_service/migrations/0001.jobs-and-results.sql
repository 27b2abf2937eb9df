-- Jobs, submissions, results, parts, leases and the pipelines that were announced.

CREATE TABLE analysis_jobs (
    key              bytea PRIMARY KEY,
    job_id           uuid NOT NULL UNIQUE,
    namespace        text NOT NULL,
    pipeline         text NOT NULL,
    pipeline_version text NOT NULL,
    params           bytea NOT NULL,
    params_json      text NOT NULL DEFAULT '{}',
    reference_digest bytea NOT NULL DEFAULT '',
    blob_sha256      bytea NOT NULL,
    blob_size_bytes  bigint NOT NULL,
    status           text NOT NULL CHECK (status IN ('asked', 'running', 'succeeded', 'failed')),
    status_at        timestamptz NOT NULL,
    failure          jsonb,
    compute_cost_ms  double precision NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE analysis_jobs IS 'One question about one input, and what became of it. Never holds a result.';
CREATE INDEX analysis_jobs_newest ON analysis_jobs (namespace, updated_at DESC, job_id DESC);
CREATE INDEX analysis_jobs_blob ON analysis_jobs (namespace, blob_sha256);

CREATE TABLE submissions (
    submission_id bytea PRIMARY KEY,
    job_key       bytea NOT NULL REFERENCES analysis_jobs (key) ON DELETE CASCADE,
    file_name     text NOT NULL,
    uploader      text NOT NULL,
    metadata      jsonb NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    seen_count    bigint NOT NULL
);
COMMENT ON TABLE submissions IS 'Who handed a job''s input in, under which names. submission_id is a digest of job, name, uploader and metadata.';
CREATE INDEX submissions_job ON submissions (job_key, last_seen_at DESC);

CREATE TABLE analysis_results (
    key               bytea PRIMARY KEY,
    payload           bytea,
    encoding          text,
    sha256            bytea,
    size_bytes        bigint,
    message_type      text,
    payload_blob      jsonb,
    failure           jsonb,
    compute_cost_ms   double precision NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    CHECK ((payload IS NULL) <> (failure IS NULL))
);
COMMENT ON TABLE analysis_results IS 'What stands under a job''s key: a result, or a failure that follows from the input.';
ALTER TABLE analysis_results ALTER COLUMN payload SET STORAGE EXTERNAL;  -- it is compressed already
CREATE INDEX analysis_results_expiry ON analysis_results (expires_at);

CREATE TABLE analysis_parts (
    key               bytea PRIMARY KEY,
    payload           bytea,
    encoding          text,
    sha256            bytea,
    size_bytes        bigint,
    message_type      text,
    payload_blob      jsonb,
    failure           jsonb,
    compute_cost_ms   double precision NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    CHECK ((payload IS NULL) <> (failure IS NULL))
);
COMMENT ON TABLE analysis_parts IS 'Cached pieces of results: one channel, one unique sequence.';
ALTER TABLE analysis_parts ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX analysis_parts_expiry ON analysis_parts (expires_at);

CREATE TABLE manifests (
    job_key  bytea NOT NULL,
    part_key bytea NOT NULL,
    PRIMARY KEY (job_key, part_key)
);
COMMENT ON TABLE manifests IS 'Which parts a job used: an erasure of its input reaches them by this.';
CREATE INDEX manifests_part ON manifests (part_key);

CREATE TABLE leases (
    job_key    bytea PRIMARY KEY,
    nonce      bytea NOT NULL,
    owner_id   text NOT NULL,
    expires_at timestamptz NOT NULL,
    stage      text NOT NULL DEFAULT '',
    fraction   double precision NOT NULL DEFAULT 0
);
COMMENT ON TABLE leases IS 'Who is computing what, until when.';

CREATE TABLE lease_waiters (
    job_key    bytea NOT NULL,
    party      text NOT NULL,
    waiters    integer NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (job_key, party)
);
COMMENT ON TABLE lease_waiters IS 'How many wait for a computation in each process, until when it will say so again.';

CREATE TABLE pipelines (
    name         text NOT NULL,
    version      text NOT NULL,
    active       boolean NOT NULL,
    offer        bytea NOT NULL,
    announced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE pipelines IS 'What the analysis services announced; offer is a serialized PipelineOffer.';
