-- Signatures of requests that changed something: the digest of what was signed, and for reports the receipts.
CREATE TABLE used_signatures (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- in order of use; the oldest are deleted by it
    digest   BLOB    NOT NULL UNIQUE,
    response TEXT
) STRICT;
