-- A row has the events of one second that one commit writes.
ALTER TABLE events RENAME TO single_events;
ALTER TABLE single_events RENAME CONSTRAINT events_pkey TO single_events_pkey;
CREATE TABLE events (
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    number        BIGINT NOT NULL, -- of the first event
    last_number   BIGINT NOT NULL,
    recorded_at   BIGINT NOT NULL, -- of the last event
    body          BYTEA  NOT NULL, -- of the earlier versions: one event as JSON
    PRIMARY KEY (repository_id, number)
);
INSERT INTO events SELECT repository_id, number, number, recorded_at,
    convert_to(jsonb_set(body::jsonb, '{pipeline}', to_jsonb(pipeline_id))::text, 'UTF8') FROM single_events;
DROP TABLE single_events;
