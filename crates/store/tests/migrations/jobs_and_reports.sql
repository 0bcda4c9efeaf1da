-- Jobs and reports of an older schema, for the tests of the migration that makes their rows compact. The repository 1 exists.
INSERT INTO pipelines (repository_id, id, sha, ref, source, key, status, created_at, updated_at, job_count, version)
    VALUES (1, 1, 'a', 'main', 'external', '', 'success', 1, 1, 5000, 1);
INSERT INTO stages (repository_id, pipeline_id, id, name, sort_id, sort_id_reported, status) VALUES (1, 1, 1, 's', 1, 0, 'success');
INSERT INTO jobs (repository_id, pipeline_id, id, stage_id, name, attempt_number, newest, status, allow_failure, created_at,
    updated_at, evidence, ref)
    SELECT 1, 1, i, 1, 'job ' || i, 1, 1, 'success', 0, i * 1000, i * 1000 + 5, '', 'main' FROM generate_series(1, 5000) i;
INSERT INTO job_counts (repository_id, status, count) VALUES (1, 'success', 5000);
INSERT INTO reports (repository_id, job_id, seq, pipeline_id, reporter, dialect, received_at, status, target_url, effect, changed)
    SELECT 1, i, i, 1, 1, 'native', i * 1000, 'success', 'https://ci/' || i, 'created', 1 FROM generate_series(2, 5000) i;
-- Every column has a value.
INSERT INTO reports (repository_id, job_id, seq, pipeline_id, reporter, dialect, received_at, status, third_build_id, target_url,
    description, coverage, allow_failure, occurred_at, started_at, finished_at, stage_order, web_url, trigger_user, effect, changed,
    authority, status_after, reason, rules, adjusted, sent_url)
    VALUES (1, 1, 1, 1, 1, 'other', 1000, 'failed', 'b1', 'https://ci/1', 'text', 50.5, 1, 900, 100, 800, 3, 'https://ci', 'anna',
    'created', 129, 'reporter', 'failed', 'created', 2, 5, -1);
INSERT INTO reports (repository_id, job_id, seq, pipeline_id, reporter, dialect, received_at, status, effect, changed, authority,
    status_after, closing_reason)
    VALUES (1, 1, 5001, 1, 0, 'watchdog', 2000, 'timedout', 'late', 0, 'watchdog', 'failed', '2h');
UPDATE reports SET effect = 'nonsense' WHERE job_id = 5000;
