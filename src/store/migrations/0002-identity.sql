-- Frozen on release. The last record that was applied: read again at a start, it tells whether the topic is still the same.
ALTER TABLE positions ADD COLUMN last_offset INTEGER;
ALTER TABLE positions ADD COLUMN last_timestamp INTEGER;
ALTER TABLE positions ADD COLUMN last_hash TEXT;
-- What is lost is lost by the range; NULL where a row stands for one record.
ALTER TABLE quarantine ADD COLUMN last_offset INTEGER;
ALTER TABLE quarantine ADD COLUMN records INTEGER NOT NULL DEFAULT 1;
-- Who said that a partition is to be read on elsewhere.
CREATE TABLE position_resets (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  from_offset INTEGER, to_offset INTEGER NOT NULL
);
