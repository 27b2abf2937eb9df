-- A job id follows from its key, so the key's uniqueness is enough. With both unique, two replicas that insert the same
-- job at once may meet at the index that ON CONFLICT does not name, which is an error.
-- depends: 0005.audit

ALTER TABLE analysis_jobs DROP CONSTRAINT analysis_jobs_job_id_key;
CREATE INDEX analysis_jobs_job_id ON analysis_jobs (job_id);
