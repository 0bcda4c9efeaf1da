-- Standard names for tables, columns and indexes, as on SQLite. No row changes, except the state of an incomplete copy, which contains a
-- table name.
ALTER TABLE notes RENAME TO settings;
ALTER INDEX notes_pkey RENAME TO settings_pkey;
UPDATE settings SET name = 'transfer', value =
    replace(replace(replace(replace(value,
        '"table":"notes"', '"table":"settings"'),
        '"table":"leavings"', '"table":"deleted_pipelines"'),
        '"table":"repeats"', '"table":"idempotency_keys"'),
        '"table":"merge_request_words"', '"table":"merge_request_heads"')
    WHERE name = 'moving';

ALTER TABLE access_mark RENAME TO access_version;
ALTER INDEX access_mark_pkey RENAME TO access_version_pkey;
ALTER TABLE access_version RENAME COLUMN one TO id;
ALTER TABLE access_version RENAME COLUMN mark TO version;

ALTER TABLE leavings RENAME TO deleted_pipelines;
ALTER INDEX leavings_pkey RENAME TO deleted_pipelines_pkey;

ALTER TABLE repeats RENAME TO idempotency_keys;
ALTER INDEX repeats_pkey RENAME TO idempotency_keys_pkey;
ALTER INDEX repeats_by_age RENAME TO idempotency_keys_by_age;
ALTER TABLE idempotency_keys RENAME COLUMN answer TO response;

ALTER TABLE merge_request_words RENAME TO merge_request_heads;
ALTER INDEX merge_request_words_pkey RENAME TO merge_request_heads_pkey;
ALTER TABLE merge_request_heads RENAME COLUMN said_at TO reported_at;

ALTER TABLE stages RENAME COLUMN sort_said TO sort_id_reported;
ALTER TABLE reports RENAME COLUMN stood TO status_after;
ALTER TABLE policies RENAME COLUMN silence_limit TO inactivity_timeout;
ALTER TABLE stage_limits RENAME COLUMN silence_limit TO inactivity_timeout;
ALTER TABLE access_keys RENAME COLUMN security_digest TO security_token_digest;
ALTER TABLE webhooks RENAME COLUMN disabled_why TO disabled_reason;
ALTER TABLE deliveries RENAME COLUMN last_answer TO last_response;
ALTER TABLE jobs RENAME COLUMN number TO attempt_number;
-- The text of an operator or watchdog, and the reason that the reducer returned. Older reports have no reason.
ALTER TABLE reports RENAME COLUMN reason TO closing_reason;
ALTER TABLE reports ADD COLUMN reason TEXT;
