-- The keys that are users' own are found without walking temporary ones; and those go that were made while their token was taken away.
DROP INDEX access_keys_by_user;
CREATE INDEX access_keys_by_user ON access_keys (user_id) WHERE expires_at IS NULL;
DELETE FROM access_keys WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.digest = access_keys.parent);
