-- Commits of reports that are durable and not yet applied to the other tables: the reports and their receipts.
CREATE TABLE journal (
    seq  INTEGER NOT NULL PRIMARY KEY, -- in order of the commits
    body BLOB    NOT NULL
) STRICT;
