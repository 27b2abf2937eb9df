DROP INDEX analysis_jobs_job_id;
ALTER TABLE analysis_jobs ADD CONSTRAINT analysis_jobs_job_id_key UNIQUE (job_id);
