-- Webhooks, and the messages to them. A message is written by the commit that writes its event.
CREATE TABLE webhooks (
    id               INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    repository_id    INTEGER NOT NULL REFERENCES repositories (id),
    tag              TEXT    NOT NULL,
    url              TEXT    NOT NULL,
    description      TEXT,
    pipelines        INTEGER NOT NULL,
    jobs             INTEGER NOT NULL,
    secret           BLOB    NOT NULL,
    old_secret       BLOB,
    old_secret_until INTEGER,
    disabled_at      INTEGER,
    disabled_why     TEXT,
    failing_since    INTEGER,
    created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_by_repository ON webhooks (repository_id, id);

CREATE TABLE deliveries (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    webhook_id  INTEGER NOT NULL, -- those of a webhook that is gone go by age
    message     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    event       INTEGER,          -- NULL: a test
    pipeline_id INTEGER,          -- as event
    created_at  INTEGER NOT NULL,
    payload     TEXT    NOT NULL,
    rendered    INTEGER NOT NULL, -- 0: payload is as in events; 1: it is what is sent
    queued_at   INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    next_at     INTEGER NOT NULL, -- while claimed: when that ends
    claimed     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    claims      INTEGER NOT NULL DEFAULT 0, -- never counted anew, as attempts are: tells one claim from another
    last_at     INTEGER,
    last_status INTEGER,
    last_answer TEXT,
    last_error  TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_by_message ON deliveries (webhook_id, message);
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, seq);
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (webhook_id, next_at) WHERE claimed = 1;
