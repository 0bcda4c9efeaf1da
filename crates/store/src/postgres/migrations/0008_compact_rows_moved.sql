-- Requires that the rows are moved.
DROP TABLE old_jobs;
DROP TABLE old_reports;
