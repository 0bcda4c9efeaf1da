-- Webhooks for people: chat formats, patterns, and subscriptions, which belong to their creator alone. The index costs
-- an entry for each webhook whose creator is known; lists of subscriptions read it.
ALTER TABLE webhooks ADD COLUMN format TEXT NOT NULL DEFAULT 'signed';
ALTER TABLE webhooks ADD COLUMN language TEXT NOT NULL DEFAULT 'zh';
ALTER TABLE webhooks ADD COLUMN refs TEXT NOT NULL DEFAULT ''; -- one pattern a line
ALTER TABLE webhooks ADD COLUMN job_patterns TEXT NOT NULL DEFAULT ''; -- one a line
ALTER TABLE webhooks ADD COLUMN author TEXT;
ALTER TABLE webhooks ADD COLUMN creator_id INTEGER REFERENCES users (id); -- NULL: made before this migration
ALTER TABLE webhooks ADD COLUMN personal INTEGER NOT NULL DEFAULT 0;
CREATE INDEX webhooks_by_creator ON webhooks (creator_id, id) WHERE creator_id IS NOT NULL;
