DROP TABLE janitor;
DROP TABLE blob_uses;
ALTER TABLE analysis_jobs DROP COLUMN gone_reason, DROP COLUMN gone_at;
DROP INDEX analysis_parts_use;
DROP INDEX analysis_results_use;
ALTER TABLE analysis_parts
    DROP COLUMN last_used_at, DROP COLUMN use_count, DROP COLUMN stored_bytes, DROP COLUMN retention_seconds;
ALTER TABLE analysis_results
    DROP COLUMN last_used_at, DROP COLUMN use_count, DROP COLUMN stored_bytes, DROP COLUMN retention_seconds;
