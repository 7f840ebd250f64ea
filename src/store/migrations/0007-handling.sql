-- What people decide about incidents: where each stands, every deed, silences, and which digest was told last.
CREATE TABLE handling (incident TEXT PRIMARY KEY, is_open INTEGER NOT NULL, json TEXT NOT NULL, seal INTEGER NOT NULL);
CREATE INDEX handling_open ON handling (incident) WHERE is_open = 1;
CREATE TABLE deeds (
  incident TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, via TEXT NOT NULL,
  request TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (incident, number)
) WITHOUT ROWID;
CREATE TABLE silences (
  id TEXT PRIMARY KEY, starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, json TEXT NOT NULL, seal INTEGER NOT NULL
);
CREATE INDEX silences_by_end ON silences (ends_at);
CREATE TABLE digests (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX incidents_firing ON incidents (kind, model) WHERE state IN ('firing', 'clearing');
