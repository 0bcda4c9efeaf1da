-- Words that sign somebody in once, on a page.
CREATE TABLE sign_in_links (
    digest     BLOB    NOT NULL PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
