-- Frozen on release. Times are epoch milliseconds.
CREATE TABLE positions (
  source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL, highest_time INTEGER,
  PRIMARY KEY (source, topic, partition)
) WITHOUT ROWID;
CREATE TABLE streams (number INTEGER PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, UNIQUE (model, version));
CREATE TABLE panes (
  stream INTEGER NOT NULL, segment TEXT NOT NULL, part TEXT NOT NULL, start INTEGER NOT NULL, cells BLOB NOT NULL,
  PRIMARY KEY (stream, segment, part, start)
);
CREATE INDEX panes_by_age ON panes (part, start);
CREATE TABLE results (
  model TEXT NOT NULL, version TEXT NOT NULL, segment TEXT NOT NULL, window TEXT NOT NULL, window_end INTEGER NOT NULL,
  revision INTEGER NOT NULL, window_start INTEGER NOT NULL, samples INTEGER NOT NULL, labelled INTEGER NOT NULL,
  provisional INTEGER NOT NULL, verdicts TEXT NOT NULL
);
-- Rows are wide (verdicts), so questions are answered from these two as far as they go.
CREATE UNIQUE INDEX results_by_key ON results (model, version, window, window_end, segment, revision);
CREATE INDEX results_by_end ON results (window_end, model, version, window, segment, revision);
CREATE TABLE incidents (id TEXT PRIMARY KEY, model TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX incidents_by_time ON incidents (at);
CREATE TABLE transitions (
  incident TEXT NOT NULL, sequence INTEGER NOT NULL, change TEXT NOT NULL, because TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (incident, sequence)
) WITHOUT ROWID;
CREATE TABLE outbox (
  key TEXT PRIMARY KEY, lane TEXT NOT NULL, lane_order INTEGER NOT NULL, channel TEXT NOT NULL,
  incident TEXT NOT NULL, envelope TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
  queued_at INTEGER NOT NULL, ended_at INTEGER, detail TEXT NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (state, due_at);
CREATE INDEX outbox_lanes ON outbox (lane, lane_order);
CREATE INDEX outbox_by_incident ON outbox (incident);
CREATE INDEX outbox_by_age ON outbox (queued_at);
CREATE TABLE triggers (
  id TEXT PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, target TEXT NOT NULL, at INTEGER NOT NULL,
  state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE quarantine (
  number INTEGER PRIMARY KEY, source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, record_offset INTEGER NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL, sample BLOB NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE counters (name TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name, model, version)) WITHOUT ROWID;
CREATE TABLE documents (name TEXT PRIMARY KEY, json TEXT NOT NULL);
-- Waiting entries: immutable sorted runs. A run's page n is the row with id run * 2^24 + n.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, day INTEGER NOT NULL, age INTEGER NOT NULL, entries INTEGER NOT NULL,
  state TEXT NOT NULL, bloom BLOB NOT NULL, first_hashes BLOB NOT NULL
);
CREATE TABLE run_pages (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
