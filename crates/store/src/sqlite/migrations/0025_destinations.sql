-- Forges that receive the statuses of commits, and what each is to have about a commit and context. A row of
-- forwarded_states is written by the commit of the report that changes it; what the state is, is read when it is sent.
CREATE TABLE destinations (
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    repository_id  INTEGER NOT NULL REFERENCES repositories (id),
    kind           TEXT    NOT NULL,
    url            TEXT    NOT NULL,
    project        TEXT    NOT NULL,
    token          TEXT    NOT NULL,
    choice         TEXT    NOT NULL,
    jobs           TEXT    NOT NULL, -- one pattern a line
    except_sources TEXT    NOT NULL, -- one a line
    enabled        INTEGER NOT NULL,
    failing_since  INTEGER,
    paused_until   INTEGER,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX destinations_by_repository ON destinations (repository_id, id);

CREATE TABLE forwarded_states (
    id               INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    destination_id   INTEGER NOT NULL, -- those of a deleted one are deleted later
    sha              TEXT    NOT NULL, -- empty: a test
    context          TEXT    NOT NULL,
    target           TEXT    NOT NULL,
    source           TEXT    NOT NULL,
    stage            TEXT,             -- of a job
    name             TEXT,             -- of a job
    changed_at       INTEGER NOT NULL,
    progress         TEXT    NOT NULL CHECK (progress IN ('pending', 'sent', 'stopped')),
    reason           TEXT,
    next_at          INTEGER NOT NULL,
    attempts         INTEGER NOT NULL,
    not_before       INTEGER NOT NULL DEFAULT 0, -- a change does not replace it
    changes          INTEGER NOT NULL, -- a result with another number leaves the row due
    claims           INTEGER NOT NULL DEFAULT 0,
    claimed_until    INTEGER NOT NULL DEFAULT 0, -- 0: not claimed
    sent_state       TEXT,
    sent_description TEXT,
    sent_url         TEXT,
    sent_at          INTEGER,
    remote_id        TEXT,
    last_at          INTEGER,
    last_status      INTEGER,
    last_response    TEXT,
    last_error       TEXT
) STRICT;
CREATE UNIQUE INDEX forwarded_states_by_context ON forwarded_states (destination_id, sha, context);
CREATE INDEX forwarded_states_by_destination ON forwarded_states (destination_id, id);
CREATE INDEX forwarded_states_by_commit ON forwarded_states (destination_id, sha, id);
CREATE INDEX forwarded_states_stopped ON forwarded_states (destination_id, id) WHERE progress = 'stopped';
CREATE INDEX forwarded_states_due ON forwarded_states (destination_id, next_at, id) WHERE progress = 'pending';
CREATE INDEX forwarded_states_claimed ON forwarded_states (destination_id, claimed_until) WHERE claimed_until > 0;
