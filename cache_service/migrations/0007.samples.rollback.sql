DROP INDEX analysis_results_use;
ALTER TABLE analysis_results DROP COLUMN stored_bytes;
ALTER TABLE analysis_results
    DROP COLUMN rows_bytes,
    ADD COLUMN stored_bytes bigint NOT NULL GENERATED ALWAYS AS (512 + coalesce(octet_length(payload), 0)) STORED;
COMMENT ON COLUMN analysis_results.stored_bytes IS 'What the quota counts: the payload, and 512 for the row and its indexes.';
CREATE INDEX analysis_results_use ON analysis_results (last_used_at, key) INCLUDE (stored_bytes);
DROP VIEW samples;
DROP TABLE sequences;
DROP TABLE sample_results;
DROP FUNCTION forget_sequences();
ALTER TABLE submissions
    DROP COLUMN location, DROP COLUMN latitude, DROP COLUMN longitude, DROP COLUMN depth_m, DROP COLUMN collected_at,
    DROP COLUMN environment;
