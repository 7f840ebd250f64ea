-- What is sent in one message. `batch`: the key under which a row is, or was, sent; written before it is sent, so that a repetition
-- carries the same key and says the same. NULL: not claimed yet. What a batch of one row says is the row's own envelope.
ALTER TABLE outbox ADD COLUMN batch TEXT;
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'message';
-- Rows of a channel with the same group may be told in one message, when more than `group_above` of them are due at once.
ALTER TABLE outbox ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN group_above INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN group_interval INTEGER NOT NULL DEFAULT 0;
-- 1: put off on purpose (a silence, say): later rows of its lane need not wait for it.
ALTER TABLE outbox ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;
-- When it was also given to the fallback of its channel.
ALTER TABLE outbox ADD COLUMN passed_on INTEGER;
UPDATE outbox SET kind = envelope ->> '$.kind';
-- What was tried may have arrived, and is sent again as it is.
UPDATE outbox SET batch = key WHERE state = 'queued' AND attempts > 0 AND kind = 'message' AND due_at < 1 << 51;
DROP INDEX outbox_waiting;
CREATE INDEX outbox_queued ON outbox (due_at, queued_at) WHERE state = 'queued';
CREATE INDEX outbox_due ON outbox (channel, due_at, queued_at, lane_order, key) WHERE state = 'queued';
CREATE INDEX outbox_lane_waiting ON outbox (lane, lane_order, deferred) WHERE state = 'queued';
CREATE INDEX outbox_by_batch ON outbox (batch) WHERE batch IS NOT NULL;
-- The contents of batches of several rows, while they are under way.
CREATE TABLE batches (key TEXT PRIMARY KEY, channel TEXT NOT NULL, envelope TEXT NOT NULL, seal INTEGER) WITHOUT ROWID;
-- By what a channel finds its first message about an incident again.
CREATE TABLE receipts (
  channel TEXT NOT NULL, incident TEXT NOT NULL, receipt TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (channel, incident)
) WITHOUT ROWID;
CREATE INDEX receipts_by_incident ON receipts (incident);
