-- Who took away, and, where that is switched on, who saw results.

CREATE TABLE audit (
    audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    label      text NOT NULL,
    role       text NOT NULL,
    rpc        text NOT NULL,
    namespace  text NOT NULL,
    subject    text NOT NULL,
    outcome    text NOT NULL,
    note       text NOT NULL,
    request_id text NOT NULL
);
COMMENT ON TABLE audit IS 'Who (label and role of the token) did what (rpc) to which job, blob or selection (subject), and how it ended. Never a file name, metadata or a token.';
CREATE INDEX audit_newest ON audit (namespace, at DESC);
CREATE INDEX audit_subject ON audit (subject, at DESC);
