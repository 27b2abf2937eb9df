-- The durable queue: tasks, and whose turn it is.

CREATE TABLE tasks (
    task_id          uuid PRIMARY KEY,
    number           bigint GENERATED ALWAYS AS IDENTITY,
    namespace        text NOT NULL,
    idempotency_key  text,
    pipeline         text NOT NULL,
    pipeline_version text NOT NULL,
    question         bytea NOT NULL,
    source_uri       text NOT NULL,
    submission       bytea NOT NULL,
    params_json      text NOT NULL,
    file_name        text NOT NULL,
    uploader         text NOT NULL,
    context          bytea NOT NULL,
    job_id           uuid,
    attempts         integer NOT NULL DEFAULT 0,
    owner_id         text,
    nonce            bytea,
    ready_at         timestamptz NOT NULL DEFAULT now(),
    failure          jsonb,
    last_error       jsonb,
    enqueued_at      timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    ended_at         timestamptz
);
COMMENT ON TABLE tasks IS 'Queued work. Open until ended_at; claimed while it has an owner and ready_at is to come; ready_at is when it may be claimed (again). question, submission and context are messages that the database does not look into.';
CREATE INDEX tasks_open ON tasks (namespace, pipeline, pipeline_version, number) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX tasks_idempotency ON tasks (namespace, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_owner ON tasks (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX tasks_claimed ON tasks (namespace) WHERE owner_id IS NOT NULL;
CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX tasks_job ON tasks (job_id, number DESC) WHERE job_id IS NOT NULL;
CREATE INDEX tasks_without_job ON tasks (namespace, updated_at DESC, task_id DESC) WHERE job_id IS NULL;

CREATE TABLE queue_turns (
    namespace        text NOT NULL,
    pipeline         text NOT NULL,
    pipeline_version text NOT NULL,
    served_at        timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (namespace, pipeline, pipeline_version)
);
COMMENT ON TABLE queue_turns IS 'When the queue last served each namespace''s tasks of each pipeline. The row is locked by whoever picks one of them.';
