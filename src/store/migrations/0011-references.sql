-- References that were made of production, newest last. `version` is NULL where one is for all versions without one of their own. The
-- newest that has not ended is in force; `profile` is emptied of those that are long past.
CREATE TABLE model_references (
  number INTEGER PRIMARY KEY, deed TEXT NOT NULL UNIQUE, model TEXT NOT NULL, version TEXT, id TEXT NOT NULL, kind TEXT NOT NULL,
  incident TEXT NOT NULL, before_id TEXT NOT NULL, source TEXT NOT NULL, rows INTEGER NOT NULL, labelled INTEGER NOT NULL,
  from_time INTEGER NOT NULL, to_time INTEGER NOT NULL, says TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
  note TEXT NOT NULL, profile TEXT NOT NULL, ended_at INTEGER, ended_by TEXT, ended_because TEXT, seal INTEGER
);
CREATE INDEX model_references_by_model ON model_references (model, version, number);
