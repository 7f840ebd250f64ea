-- Marks the file as ours ("Leew"), and gives the rows that count or are sent a checksum: SQLite's own checks see a damaged page only
-- where its structure is hit. NULL in rows that were written before.
PRAGMA application_id = 1281713527;
ALTER TABLE positions ADD COLUMN seal INTEGER;
ALTER TABLE streams ADD COLUMN seal INTEGER;
ALTER TABLE panes ADD COLUMN seal INTEGER;
ALTER TABLE results ADD COLUMN seal INTEGER;
ALTER TABLE incidents ADD COLUMN seal INTEGER;
ALTER TABLE outbox ADD COLUMN seal INTEGER;
ALTER TABLE counters ADD COLUMN seal INTEGER;
ALTER TABLE documents ADD COLUMN seal INTEGER;
ALTER TABLE runs ADD COLUMN seal INTEGER;
ALTER TABLE run_pages ADD COLUMN seal INTEGER;
