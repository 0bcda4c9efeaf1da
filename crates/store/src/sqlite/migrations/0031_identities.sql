-- Accounts at identity providers that sign users in.
CREATE TABLE identities (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    issuer       TEXT    NOT NULL,
    subject      TEXT    NOT NULL, -- the account at the issuer
    display      TEXT    NOT NULL, -- for people
    created_at   INTEGER NOT NULL,
    signed_in_at INTEGER,
    rights       TEXT    NOT NULL, -- JSON: those of its groups at the last sign-in
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_by_user ON identities (user_id);

-- JSON: the rights of the groups of all identities of a user; NULL: none.
ALTER TABLE users ADD COLUMN group_rights TEXT;

-- The identity whose sign-in a session or token comes from.
ALTER TABLE tokens ADD COLUMN identity_id INTEGER REFERENCES identities (id);
CREATE INDEX tokens_by_identity ON tokens (identity_id) WHERE identity_id IS NOT NULL;
