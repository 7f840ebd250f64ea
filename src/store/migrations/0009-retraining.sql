-- Frozen on release. Requests to retrain have a life of their own and leave the outbox. Times are epoch milliseconds: `at` of the
-- event that asked, the others of the clock.
CREATE TABLE retraining (
  id TEXT PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, target TEXT NOT NULL, incident TEXT, state TEXT NOT NULL,
  sequence INTEGER NOT NULL, at INTEGER NOT NULL, asked_at INTEGER NOT NULL, began_at INTEGER, labels INTEGER, is_open INTEGER NOT NULL,
  json TEXT NOT NULL, seal INTEGER
);
-- One request for an incident, one run at a time for a model: also if the code were wrong.
CREATE UNIQUE INDEX retraining_by_incident ON retraining (model, incident) WHERE incident IS NOT NULL;
CREATE UNIQUE INDEX retraining_in_flight ON retraining (model) WHERE state IN ('dispatching', 'unknown', 'running');
CREATE INDEX retraining_open ON retraining (asked_at) WHERE is_open = 1;
CREATE INDEX retraining_began ON retraining (model, began_at) WHERE began_at IS NOT NULL;
CREATE INDEX retraining_withdrawn ON retraining (incident) WHERE state = 'withdrawn';
CREATE INDEX retraining_by_time ON retraining (at);
-- What happened to each, and who did it.
CREATE TABLE retraining_changes (
  request TEXT NOT NULL, sequence INTEGER NOT NULL, change TEXT NOT NULL, because TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (request, sequence)
) WITHOUT ROWID;
-- Models whose automation people have stopped, and how far what asks by itself has come.
CREATE TABLE automation (
  model TEXT PRIMARY KEY, stopped_by TEXT, stopped_because TEXT NOT NULL DEFAULT '', stopped_at INTEGER, slot TEXT, version INTEGER,
  labels INTEGER
) WITHOUT ROWID;

-- What waited in the outbox waits here, under the key that its receiver may have seen already; the rest is history.
INSERT INTO retraining
  SELECT id, model, version, target, id, state, 0, at, asked_at, CASE WHEN state = 'handed over' THEN asked_at END, NULL, state = 'asked',
    json_object(
      'id', id, 'model', model, 'version', version, 'target', target,
      'cause', CASE WHEN incident IS NULL
        THEN json_object('is', 'hand', 'by', 'an earlier version of leeway', 'because', 'an incident that is forgotten', 'incident', NULL)
        ELSE json_object('is', 'incident', 'incident', json(incident)) END,
      'askedAt', asked_at, 'state', state, 'since', asked_at, 'because', detail, 'gates', json('[]'), 'approvalAskedAt', NULL,
      'approval', NULL,
      'dispatch', CASE WHEN state = 'asked' THEN json_object('key', id, 'number', 1, 'claimedAt', asked_at, 'attempts', 0,
        'isOpen', json('false'), 'dueAt', asked_at, 'labels', 0, 'versionsSeen', 0) END,
      'run', NULL, 'outcome', NULL, 'sequence', 0),
    NULL
  FROM (
    SELECT t.id, t.model, t.version, t.target, t.at, coalesce(o.queued_at, t.at) AS asked_at,
      CASE WHEN t.state = 'queued' AND o.due_at >= 1 << 51 THEN 'held' WHEN t.state = 'queued' THEN 'asked'
        WHEN t.state = 'delivered' THEN 'handed over' WHEN t.state = 'superseded' THEN 'withdrawn' ELSE 'failed' END AS state,
      coalesce(nullif(o.detail, ''), t.detail) AS detail,
      coalesce(o.envelope ->> '$.trigger.incident', i.json) AS incident
    FROM triggers AS t LEFT JOIN outbox AS o ON o.key = t.id LEFT JOIN incidents AS i ON i.id = t.id);
UPDATE retraining SET is_open = 1 WHERE state = 'held';
INSERT INTO retraining_changes SELECT id, 0, 'asked', 'asked by an earlier version of leeway', '', asked_at FROM retraining;
DELETE FROM outbox WHERE envelope ->> '$.kind' = 'retrain';
DROP TABLE triggers;
