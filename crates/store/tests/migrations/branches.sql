-- Rows of an older schema with both names of branches, for the tests of the migration that gives every branch one
-- name. The user 1 exists.
INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility, creator_id, created_at, updated_at)
    VALUES (5, '00000000000000000000000000000005', '00000000000000000000000000000005', 'p', 'five', 'refs/heads/main', 'private', 1, 0, 0);
INSERT INTO counters (repository_id, pipeline, active_at) VALUES (5, 6, 0);
-- The commit `a` has a pipeline on each name of `main`; `dev` is known by its full name only.
INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, created_at, updated_at, job_count, version) VALUES
    (5, 1, 'a', 'main', 'external', '', 'running', 1, 1, 1, 1),
    (5, 2, 'a', 'refs/heads/main', 'external', '', 'success', 2, 2, 1, 1),
    (5, 3, 'a', 'refs/heads/dev', 'external', 'k', 'success', 3, 3, 1, 1),
    (5, 4, 'b', 'refs/tags/v1', 'external', '', 'success', 4, 4, 0, 1),
    (5, 5, 'b', 'refs/heads/', 'external', '', 'success', 5, 5, 0, 1),
    (5, 6, 'b', 'refs/heads/main', 'external', '', 'running', 6, 6, 0, 1);
INSERT INTO pipeline_counts (repository_id, ref, status, count) VALUES
    (5, 'main', 'running', 1), (5, 'refs/heads/main', 'success', 1), (5, 'refs/heads/main', 'running', 1), (5, 'refs/heads/dev', 'success', 1),
    (5, 'refs/tags/v1', 'success', 1), (5, 'refs/heads/', 'success', 1);
INSERT INTO merge_requests (repository_id, iid) VALUES (5, 7);
INSERT INTO merge_request_heads (repository_id, iid, number, source_branch, target_branch, head_sha, after_pipeline, reported_at)
    VALUES (5, 7, 1, 'refs/heads/dev', 'refs/heads/main', 'a', 0, 4);
