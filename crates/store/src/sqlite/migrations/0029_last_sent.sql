-- The state that a destination was sent last.
CREATE INDEX forwarded_states_sent ON forwarded_states (destination_id, sent_at, id) WHERE sent_at IS NOT NULL;
