-- What is counted is counted by the program, on every engine alike.
DROP TRIGGER jobs_added;
DROP TRIGGER jobs_moved;
DROP TRIGGER pipelines_added;
DROP TRIGGER pipelines_moved;
DROP TRIGGER pipelines_gone;
