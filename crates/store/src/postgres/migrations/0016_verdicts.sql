-- The commits of repositories with rules of a gate. The commit of what may change a verdict adds 1 to `changes`; the gate
-- is evaluated afterwards.
CREATE TABLE gate_evaluations (
    repository_id   BIGINT NOT NULL,
    sha             TEXT COLLATE "C" NOT NULL,
    first_at        BIGINT,                    -- the first known report or announcement
    changed_at      BIGINT NOT NULL,
    changes         BIGINT NOT NULL,
    evaluated       BIGINT NOT NULL DEFAULT 0, -- `changes` at the last evaluation
    not_before      BIGINT NOT NULL DEFAULT 0,
    wait_until      BIGINT,                    -- the next end of a wait
    recorded_time   BIGINT,                    -- the trusted time of the last evaluation
    removed_changes BIGINT NOT NULL DEFAULT 0, -- those of deleted pipelines
    PRIMARY KEY (repository_id, sha)
);
CREATE INDEX gate_evaluations_due ON gate_evaluations (changed_at) WHERE changes > evaluated;
CREATE INDEX gate_evaluations_waits ON gate_evaluations (wait_until) WHERE wait_until IS NOT NULL;
CREATE INDEX gate_evaluations_by_time ON gate_evaluations (repository_id, changed_at);
-- Recorded verdicts of commits.
CREATE TABLE gate_verdicts (
    repository_id BIGINT NOT NULL,
    sha           TEXT COLLATE "C" NOT NULL,
    target        TEXT COLLATE "C" NOT NULL,
    number        BIGINT NOT NULL,
    recorded_at   BIGINT NOT NULL,
    last_report   BIGINT NOT NULL,
    verdict       TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    rules_version BIGINT NOT NULL,
    body          BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, sha, target, number)
);
ALTER TABLE webhooks ADD COLUMN gates BIGINT NOT NULL DEFAULT 0;
-- The commits of repositories that have rules already, as after a change of the rules: those of the 2,000 pipelines and
-- announcements that changed last.
INSERT INTO gate_evaluations (repository_id, sha, changed_at, changes)
SELECT repository_id, sha, max(changed_at), 1 FROM (
    SELECT p.repository_id, p.sha, p.updated_at AS changed_at
    FROM (SELECT DISTINCT repository_id FROM gate_rules) r JOIN pipelines p ON p.repository_id = r.repository_id
        AND p.updated_at >= coalesce((SELECT o.updated_at FROM pipelines o WHERE o.repository_id = r.repository_id
            ORDER BY o.updated_at DESC LIMIT 1 OFFSET 1999), 0)
    UNION ALL
    SELECT e.repository_id, e.sha, e.announced_at
    FROM (SELECT DISTINCT repository_id FROM gate_rules) r JOIN gate_expectations e ON e.repository_id = r.repository_id
        AND e.announced_at >= coalesce((SELECT o.announced_at FROM gate_expectations o
            WHERE o.repository_id = r.repository_id ORDER BY o.announced_at DESC LIMIT 1 OFFSET 1999), 0)) recent
GROUP BY repository_id, sha;
-- Earlier versions did not keep when retention last deleted something of a repository. It may have been until now where
-- a policy deletes, or where pipelines are missing.
INSERT INTO settings (name, value)
    SELECT 'deleted/' || c.repository_id, CAST(CAST(ceil(extract(epoch FROM now()) * 1000) AS BIGINT) AS TEXT) FROM counters c
    WHERE EXISTS (SELECT 1 FROM policies p WHERE p.repository_id = c.repository_id
            AND (p.keep_for IS NOT NULL OR p.keep_per_ref IS NOT NULL))
        OR EXISTS (SELECT 1 FROM deleted_pipelines d WHERE d.repository_id = c.repository_id)
        OR c.pipeline > (SELECT coalesce(sum(n.count), 0) FROM pipeline_counts n WHERE n.repository_id = c.repository_id);
