-- The number of tables and indexes that still have a name of the schema 1.
SELECT count(*) FROM pg_class WHERE relname ~ '^(notes|leavings|repeats|merge_request_words|access_mark)';
