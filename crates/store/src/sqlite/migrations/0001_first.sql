-- Ids of pipelines, stages and jobs are counted per repository, and every key begins with repository_id.
-- Times are milliseconds since 1970.

CREATE TABLE notes (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE users (
    id            INTEGER NOT NULL PRIMARY KEY,
    uuid          TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL UNIQUE,
    password_hash TEXT,
    admin         INTEGER NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE access_keys (
    access      TEXT    NOT NULL PRIMARY KEY,
    secret      TEXT    NOT NULL,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    description TEXT,
    disabled    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX access_keys_by_user ON access_keys (user_id);

CREATE TABLE tokens (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    digest       BLOB    NOT NULL UNIQUE,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    kind         TEXT    NOT NULL CHECK (kind IN ('session', 'personal')),
    name         TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    repositories TEXT, -- ids joined by commas; NULL: all of its user's
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_id, kind);
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE repositories (
    id             INTEGER NOT NULL PRIMARY KEY,
    uuid           TEXT    NOT NULL UNIQUE,
    project_id     TEXT    NOT NULL,
    project_name   TEXT    NOT NULL,
    path           TEXT    NOT NULL UNIQUE,
    description    TEXT,
    default_branch TEXT    NOT NULL,
    visibility     TEXT    NOT NULL,
    archived       INTEGER NOT NULL DEFAULT 0,
    web_url        TEXT,
    http_url       TEXT,
    ssh_url        TEXT,
    creator_id     INTEGER NOT NULL REFERENCES users (id),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX repositories_by_project ON repositories (project_id);

-- The last ids given out, and when a report last came. Apart from repositories, because every commit of reports writes it.
CREATE TABLE counters (
    repository_id INTEGER NOT NULL PRIMARY KEY REFERENCES repositories (id),
    pipeline      INTEGER NOT NULL DEFAULT 0,
    stage         INTEGER NOT NULL DEFAULT 0,
    job           INTEGER NOT NULL DEFAULT 0,
    report        INTEGER NOT NULL DEFAULT 0,
    active_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    user_id       INTEGER NOT NULL REFERENCES users (id),
    role          TEXT    NOT NULL,
    PRIMARY KEY (repository_id, user_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE pipelines (
    repository_id INTEGER NOT NULL,
    id            INTEGER NOT NULL,
    sha           TEXT    NOT NULL,
    ref           TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    web_url       TEXT,
    trigger_user  TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    started_at    INTEGER,
    finished_at   INTEGER,
    job_count     INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (repository_id, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX pipelines_by_identity ON pipelines (repository_id, sha, ref, source, key);

CREATE TABLE stages (
    repository_id INTEGER NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    id            INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    sort_id       INTEGER NOT NULL,
    sort_said     INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX stages_by_id ON stages (repository_id, id);

CREATE TABLE jobs (
    repository_id  INTEGER NOT NULL,
    pipeline_id    INTEGER NOT NULL,
    id             INTEGER NOT NULL,
    stage_id       INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    number         INTEGER NOT NULL,
    newest         INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    third_build_id TEXT,
    target_url     TEXT,
    description    TEXT,
    coverage       REAL,
    allow_failure  INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    started_at     INTEGER,
    finished_at    INTEGER,
    evidence       BLOB    NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX jobs_by_id ON jobs (repository_id, id);

-- Every report accepted, never changed: who, when received, when it happened, what it said, what it changed.
CREATE TABLE reports (
    repository_id  INTEGER NOT NULL,
    job_id         INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    pipeline_id    INTEGER NOT NULL,
    reporter       INTEGER NOT NULL,
    dialect        TEXT    NOT NULL,
    received_at    INTEGER NOT NULL,
    status         TEXT    NOT NULL,
    third_build_id TEXT,
    target_url     TEXT,
    description    TEXT,
    coverage       REAL,
    allow_failure  INTEGER,
    occurred_at    INTEGER,
    started_at     INTEGER,
    finished_at    INTEGER,
    stage_order    INTEGER,
    web_url        TEXT,
    trigger_user   TEXT,
    effect         TEXT    NOT NULL,
    changed        INTEGER NOT NULL,
    PRIMARY KEY (repository_id, job_id, seq)
) WITHOUT ROWID, STRICT;

-- Answers kept so that a request may be repeated.
CREATE TABLE repeats (
    repository_id INTEGER NOT NULL,
    user_id       INTEGER NOT NULL,
    key           TEXT    NOT NULL,
    digest        BLOB    NOT NULL,
    answer        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, user_id, key)
) WITHOUT ROWID, STRICT;
CREATE INDEX repeats_by_age ON repeats (created_at);
