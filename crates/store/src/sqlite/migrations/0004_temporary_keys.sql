-- Temporary keys: what each is bound to. All NULL for a key that is its user's own.
ALTER TABLE access_keys ADD COLUMN security_digest BLOB;
ALTER TABLE access_keys ADD COLUMN parent BLOB; -- digest of the token that it was made with
ALTER TABLE access_keys ADD COLUMN scope TEXT;
ALTER TABLE access_keys ADD COLUMN repositories TEXT; -- ids joined by commas; NULL: all of its user's
ALTER TABLE access_keys ADD COLUMN expires_at INTEGER;
CREATE INDEX access_keys_by_parent ON access_keys (parent) WHERE parent IS NOT NULL;
CREATE INDEX access_keys_by_end ON access_keys (expires_at) WHERE expires_at IS NOT NULL;
