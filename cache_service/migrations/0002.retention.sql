-- Retention sliding on use, quotas by least recent use, why a result is gone, and who keeps the tiers in order.
-- depends: 0001.jobs-and-results

ALTER TABLE analysis_results
    ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN use_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN retention_seconds double precision,
    ADD COLUMN stored_bytes bigint NOT NULL GENERATED ALWAYS AS (512 + coalesce(octet_length(payload), 0)) STORED;
COMMENT ON COLUMN analysis_results.retention_seconds IS 'expires_at is the last use plus this. NULL: not used yet, and expires_at as it was put. A failure does not slide.';
COMMENT ON COLUMN analysis_results.stored_bytes IS 'What the quota counts: the payload, and 512 for the row and its indexes.';
CREATE INDEX analysis_results_use ON analysis_results (last_used_at, key) INCLUDE (stored_bytes);

ALTER TABLE analysis_parts
    ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN use_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN retention_seconds double precision,
    ADD COLUMN stored_bytes bigint NOT NULL GENERATED ALWAYS AS (512 + coalesce(octet_length(payload), 0)) STORED;
CREATE INDEX analysis_parts_use ON analysis_parts (last_used_at, key) INCLUDE (stored_bytes);

ALTER TABLE analysis_jobs
    ADD COLUMN gone_reason text CHECK (gone_reason IN ('expired', 'evicted', 'invalidated', 'corrupt')),
    ADD COLUMN gone_at timestamptz;
COMMENT ON COLUMN analysis_jobs.gone_reason IS 'Why the last result went; it says nothing while a result stands.';

CREATE TABLE blob_uses (
    path         text PRIMARY KEY,
    last_used_at timestamptz NOT NULL
);
COMMENT ON TABLE blob_uses IS 'When blobs were last used, where the blob store itself cannot be told (an object store).';

CREATE TABLE janitor (
    duty       text PRIMARY KEY,
    holder     text NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE janitor IS 'Which replica keeps the tiers in order, until when it will say so again.';
