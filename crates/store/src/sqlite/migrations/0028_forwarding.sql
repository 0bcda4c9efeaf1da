-- After a change of the project of a destination, the sent states are deleted in steps: the rows until this id are done.
-- NULL: all are. Nothing is sent meanwhile.
ALTER TABLE destinations ADD COLUMN reset_after INTEGER;
CREATE INDEX destinations_resetting ON destinations (id) WHERE reset_after IS NOT NULL;
-- The attempt whose event changed a state of a job last; NULL: it is not known. It saves looking for the job among all
-- of its commit.
ALTER TABLE forwarded_states ADD COLUMN job_id INTEGER;
