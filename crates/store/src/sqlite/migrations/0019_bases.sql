-- The base of a report may be of another job of its pipeline.
ALTER TABLE reports ADD COLUMN base_job INTEGER;
