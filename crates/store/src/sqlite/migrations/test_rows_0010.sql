-- Rows of schema 10 for the test of the migration 0011.
INSERT INTO users (id, uuid, name, admin, created_at) VALUES (1, 'u', 'root', 1, 0);
INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
    creator_id, created_at, updated_at) VALUES (1, 'r', 'p', 'p', 'a', 'main', 'private', 1, 0, 0);
INSERT INTO notes VALUES ('demo', 'loaded');
INSERT INTO notes VALUES ('moving', '{"from":"x","table":"leavings","after":[1,2]}');
INSERT INTO leavings VALUES (1, 2);
INSERT INTO repeats VALUES (1, 1, 'k', x'01', 'R', 3);
INSERT INTO merge_request_words VALUES (1, 7, 1, 'f', 'main', 'abc', 0, 4);
INSERT INTO stages VALUES (1, 6, 5, 's', 1, 1, 'success');
INSERT INTO policies VALUES (1, 10, NULL, NULL);
INSERT INTO stage_limits VALUES (1, 's', 20);
INSERT INTO counters (repository_id, active_at) VALUES (1, 0);
INSERT INTO repositories (id, uuid, project_id, project_name, path, default_branch, visibility,
    creator_id, created_at, updated_at) VALUES (2, 'r2', 'p', 'p', 'b', 'main', 'private', 1, 0, 0);
INSERT INTO counters (repository_id, active_at) VALUES (2, 0);
