-- What has ended is found by when it ended.
CREATE INDEX outbox_by_end ON outbox (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX incidents_resolved ON incidents (at) WHERE state = 'resolved';
CREATE INDEX triggers_by_time ON triggers (at);
