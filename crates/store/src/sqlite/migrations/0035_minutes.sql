-- What is ordered by the time of its last change is found by the minute of that time. PostgreSQL writes an entry of
-- every index of a row when one indexed column changes; the minute of a pipeline with many reports seldom changes.
ALTER TABLE pipelines ADD COLUMN updated_minute INTEGER GENERATED ALWAYS AS (updated_at / 60000) VIRTUAL;
DROP INDEX pipelines_by_update;
CREATE INDEX pipelines_by_update ON pipelines (repository_id, updated_minute, updated_at, id);
ALTER TABLE counters ADD COLUMN active_minute INTEGER GENERATED ALWAYS AS (active_at / 60000) VIRTUAL;
DROP INDEX counters_by_activity;
CREATE INDEX counters_by_activity ON counters (active_minute, active_at, repository_id);
