-- The users of deleted access keys. Reports have the AK, so no other user gets a key with the same one.
-- The credential of a report is in its body.
CREATE TABLE deleted_access_keys (
    access  TEXT    NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id)
) STRICT;
