-- Frozen on release. The last record that was applied: read again at a start, it tells whether the topic is still the same.
ALTER TABLE positions ADD COLUMN last_offset INTEGER;
ALTER TABLE positions ADD COLUMN last_timestamp INTEGER;
ALTER TABLE positions ADD COLUMN last_hash TEXT;
-- What is lost is lost by the range; NULL where a row stands for one record.
ALTER TABLE quarantine ADD COLUMN last_offset INTEGER;
ALTER TABLE quarantine ADD COLUMN records INTEGER NOT NULL DEFAULT 1;
