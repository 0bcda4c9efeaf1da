-- Commits of reports are in files now, and in the table journal only if an earlier version wrote them.
-- The number of the last commit in these files that the other tables have.
CREATE TABLE journal_applied (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO journal_applied VALUES (1, 0);
