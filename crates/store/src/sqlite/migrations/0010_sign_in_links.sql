-- Words that sign somebody in once, on a page.
CREATE TABLE sign_in_links (
    digest     TEXT    NOT NULL PRIMARY KEY, -- in hex: a key that can be told in words
    user_id    INTEGER NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
