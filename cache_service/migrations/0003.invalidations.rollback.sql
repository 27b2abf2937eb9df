DROP TABLE manifest_jobs;
ALTER TABLE analysis_parts DROP COLUMN generation, DROP COLUMN namespace, DROP COLUMN pipeline,
    DROP COLUMN pipeline_version, DROP COLUMN blob_sha256;
ALTER TABLE analysis_results DROP COLUMN generation, DROP COLUMN namespace, DROP COLUMN pipeline,
    DROP COLUMN pipeline_version, DROP COLUMN blob_sha256;
DROP TABLE invalidations;
