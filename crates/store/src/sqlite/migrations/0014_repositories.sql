-- Orders and rights of lists of repositories. The time of a repository's last change or report is in one column.
UPDATE counters SET active_at = (SELECT r.updated_at FROM repositories r WHERE r.id = counters.repository_id)
    WHERE active_at < (SELECT r.updated_at FROM repositories r WHERE r.id = counters.repository_id);
CREATE INDEX repositories_by_creation ON repositories (created_at, id);
CREATE INDEX repositories_by_visibility ON repositories (visibility, id);
CREATE INDEX counters_by_activity ON counters (active_at, repository_id);
