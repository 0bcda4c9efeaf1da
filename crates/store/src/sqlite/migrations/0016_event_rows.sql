-- A row has the events of one second that one commit or one application of the journal writes.
ALTER TABLE events RENAME TO single_events;
CREATE TABLE events (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    number        INTEGER NOT NULL, -- of the first event
    last_number   INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL, -- of the last event
    body          BLOB    NOT NULL, -- of the earlier versions: one event as JSON
    PRIMARY KEY (repository_id, number)
) WITHOUT ROWID, STRICT;
INSERT INTO events SELECT repository_id, number, number, recorded_at,
    CAST(json_set(body, '$.pipeline', pipeline_id) AS BLOB) FROM single_events;
DROP TABLE single_events;
