-- Rows of the schema 1 for the test of the migration 0002.
INSERT INTO notes VALUES ('demo', 'loaded');
INSERT INTO leavings VALUES (1, 2);
INSERT INTO repeats VALUES (1, 1, 'k', '', 'R', 3);
INSERT INTO merge_request_words VALUES (1, 7, 1, 'f', 'main', 'abc', 0, 4);
INSERT INTO merge_requests VALUES (1, 7);
INSERT INTO policies VALUES (1, 10, NULL, NULL);
INSERT INTO stage_limits VALUES (1, 's', 20);
