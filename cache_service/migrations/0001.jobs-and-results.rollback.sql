DROP TABLE pipelines;
DROP TABLE lease_waiters;
DROP TABLE leases;
DROP TABLE manifests;
DROP TABLE analysis_parts;
DROP TABLE analysis_results;
DROP TABLE submissions;
DROP TABLE analysis_jobs;
