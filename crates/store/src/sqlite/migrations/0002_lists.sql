-- Lists across pipelines, the history's new columns, policies, retention.

-- Jobs know their pipeline's ref, so that the jobs of a ref are one range of an index in order of id.
ALTER TABLE jobs ADD COLUMN ref TEXT NOT NULL DEFAULT '';
UPDATE jobs SET ref = (SELECT p.ref FROM pipelines p WHERE p.repository_id = jobs.repository_id AND p.id = jobs.pipeline_id);

-- Each ends in the id, so that a page begins anywhere without walking to it.
CREATE INDEX jobs_by_status ON jobs (repository_id, status, id);
CREATE INDEX jobs_by_name ON jobs (repository_id, name, id);
CREATE INDEX jobs_by_ref ON jobs (repository_id, ref, id);
CREATE INDEX jobs_by_build ON jobs (repository_id, third_build_id, id) WHERE third_build_id IS NOT NULL;
CREATE INDEX pipelines_by_status ON pipelines (repository_id, status, id);
CREATE INDEX pipelines_by_ref ON pipelines (repository_id, ref, id);
CREATE INDEX pipelines_by_update ON pipelines (repository_id, updated_at, id);

-- How many there are, kept by the triggers below: exact totals of long lists without walking them.
CREATE TABLE job_counts (
    repository_id INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    count         INTEGER NOT NULL,
    PRIMARY KEY (repository_id, status)
) WITHOUT ROWID, STRICT;
INSERT INTO job_counts SELECT repository_id, status, count(*) FROM jobs GROUP BY repository_id, status;

CREATE TABLE pipeline_counts (
    repository_id INTEGER NOT NULL,
    ref           TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    count         INTEGER NOT NULL,
    PRIMARY KEY (repository_id, ref, status)
) WITHOUT ROWID, STRICT;
INSERT INTO pipeline_counts SELECT repository_id, ref, status, count(*) FROM pipelines GROUP BY repository_id, ref, status;

CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
    INSERT INTO job_counts VALUES (NEW.repository_id, NEW.status, 1)
    ON CONFLICT (repository_id, status) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF status ON jobs WHEN OLD.status <> NEW.status BEGIN
    UPDATE job_counts SET count = count - 1 WHERE repository_id = OLD.repository_id AND status = OLD.status;
    INSERT INTO job_counts VALUES (NEW.repository_id, NEW.status, 1)
    ON CONFLICT (repository_id, status) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER pipelines_added AFTER INSERT ON pipelines BEGIN
    INSERT INTO pipeline_counts VALUES (NEW.repository_id, NEW.ref, NEW.status, 1)
    ON CONFLICT (repository_id, ref, status) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER pipelines_moved AFTER UPDATE OF status ON pipelines WHEN OLD.status <> NEW.status BEGIN
    UPDATE pipeline_counts SET count = count - 1
    WHERE repository_id = OLD.repository_id AND ref = OLD.ref AND status = OLD.status;
    INSERT INTO pipeline_counts VALUES (NEW.repository_id, NEW.ref, NEW.status, 1)
    ON CONFLICT (repository_id, ref, status) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER pipelines_gone AFTER DELETE ON pipelines BEGIN
    UPDATE pipeline_counts SET count = count - 1
    WHERE repository_id = OLD.repository_id AND ref = OLD.ref AND status = OLD.status;
    DELETE FROM pipeline_counts
    WHERE repository_id = OLD.repository_id AND ref = OLD.ref AND status = OLD.status AND count = 0;
END;

-- Who was behind a report, how the attempt stood after it, and why it was closed where it was.
ALTER TABLE reports ADD COLUMN authority TEXT NOT NULL DEFAULT 'reporter';
ALTER TABLE reports ADD COLUMN stood TEXT;
ALTER TABLE reports ADD COLUMN reason TEXT;

CREATE TABLE policies (
    repository_id INTEGER NOT NULL PRIMARY KEY REFERENCES repositories (id),
    silence_limit INTEGER, -- milliseconds, as all times here; NULL: for ever
    keep_for      INTEGER,
    keep_per_ref  INTEGER
) STRICT;

CREATE TABLE stage_limits (
    repository_id INTEGER NOT NULL REFERENCES policies (repository_id) ON DELETE CASCADE,
    stage         TEXT    NOT NULL,
    silence_limit INTEGER,
    PRIMARY KEY (repository_id, stage)
) WITHOUT ROWID, STRICT;

-- Pipelines that were taken away and whose other rows are still to be deleted.
CREATE TABLE leavings (
    repository_id INTEGER NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id)
) WITHOUT ROWID, STRICT;
