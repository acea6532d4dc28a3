-- A claim looks at the first due run of each api, not at all that wait: with 2000 of one api each
-- claim cost 8 ms.  Without an index over next_try_at a claim changes its row in place.
CREATE INDEX job_first ON job (api, seq) WHERE state = 'due';
DROP INDEX job_due;
ALTER TABLE job SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
