// What the API, the metrics and the UI read: the port `Views` on SQLite.

import type { DatabaseSync } from 'node:sqlite'
import type { Incident } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Quarantined, StoredTransition } from './changes.ts'
import type { DeliveryView, TriggerView, Views } from './views.ts'

type SqlRow = Record<string, unknown>

export function createViews(db: DatabaseSync): Views {
  const all = (sql: string, ...values: Array<string | number>) => db.prepare(sql).all(...values)
  const deliveries = (where: string, ...values: Array<string | number>) =>
    all(`SELECT key, channel, state, attempts, detail, queued_at, ended_at FROM outbox ${where}`, ...values).map(toDelivery)
  return {
    streams: () => all('SELECT * FROM streams ORDER BY number').map((row) => ({ index: row['number'] as number, model: row['model'] as string, version: row['version'] as string })),
    positions: () =>
      all('SELECT * FROM positions').map((row) => ({
        source: row['source'] as string,
        topic: row['topic'] as string,
        partition: row['partition'] as number,
        nextOffset: row['next_offset'] as number,
        highestTime: row['highest_time'] as number | null,
      })),
    counters: () => all('SELECT * FROM counters').map((row) => ({ name: row['name'] as string, model: row['model'] as string, version: row['version'] as string, value: row['value'] as number })),
    results(query) {
      const { where, values } = conditions({
        'model = ?': query.model, 'version = ?': query.version, 'window = ?': query.window, 'window_end >= ?': query.from, 'window_end < ?': query.to,
      })
      const order = query.order === 'oldest' ? 'ASC' : 'DESC'
      // With max() in the select list SQLite takes the other columns from the row of the maximum: the newest revision.
      const rows = all(
        `SELECT *, max(revision) FROM results ${where} GROUP BY model, version, segment, window, window_end ORDER BY window_end ${order}, model, version, window LIMIT ?`,
        ...values, query.limit,
      )
      return rows.map(toResult)
    },
    latestResults: () =>
      all(
        `SELECT *, max(revision) FROM results WHERE (model, version, window, window_end) IN
           (SELECT model, version, window, max(window_end) FROM results GROUP BY model, version, window)
         GROUP BY model, version, segment, window`,
      ).map(toResult),
    incidents(query) {
      const { where, values } = conditions({ 'model = ?': query.model, 'kind = ?': query.kind, 'state = ?': query.state })
      return all(`SELECT json FROM incidents ${where} ORDER BY at DESC, id LIMIT ?`, ...values, query.limit).map((row) => JSON.parse(row['json'] as string) as Incident)
    },
    incident(id) {
      const row = db.prepare('SELECT json FROM incidents WHERE id = ?').get(id)
      if (row === undefined) return undefined
      const transitions = all('SELECT * FROM transitions WHERE incident = ? ORDER BY sequence', id).map(toTransition)
      return { incident: JSON.parse(row['json'] as string) as Incident, transitions, deliveries: deliveries("WHERE key = ? OR key LIKE ? || ':%' ORDER BY lane_order", id, id) }
    },
    deliveries: (limit) => deliveries('ORDER BY queued_at DESC, key LIMIT ?', limit),
    triggers: (limit) => all('SELECT * FROM triggers ORDER BY at DESC LIMIT ?', limit) as unknown as TriggerView[],
    quarantine: (limit) => all('SELECT * FROM quarantine ORDER BY number DESC LIMIT ?', limit).map(toQuarantined),
    oldestQueuedAt: () => (db.prepare("SELECT min(queued_at) AS oldest FROM outbox WHERE state = 'queued'").get() as { oldest: number | null }).oldest ?? undefined,
  }
}

function conditions(wanted: Record<string, string | number | undefined>): { where: string; values: Array<string | number> } {
  const given = Object.entries(wanted).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  return { where: given.length === 0 ? '' : `WHERE ${given.map(([condition]) => condition).join(' AND ')}`, values: given.map(([, value]) => value) }
}

function toResult(row: SqlRow): WindowResult {
  return {
    model: row['model'] as string,
    version: row['version'] as string,
    segment: row['segment'] as string,
    window: row['window'] as string,
    start: row['window_start'] as number,
    end: row['window_end'] as number,
    revision: row['revision'] as number,
    samples: row['samples'] as number,
    labelled: row['labelled'] as number,
    provisional: row['provisional'] === 1,
    verdicts: JSON.parse(row['verdicts'] as string),
  }
}

function toTransition(row: SqlRow): StoredTransition {
  return {
    incidentId: row['incident'] as string,
    sequence: row['sequence'] as number,
    change: row['change'] as StoredTransition['change'],
    because: row['because'] as string,
    at: row['at'] as number,
  }
}

function toDelivery(row: SqlRow): DeliveryView {
  return {
    key: row['key'] as string,
    channel: row['channel'] as string,
    state: row['state'] as DeliveryView['state'],
    attempts: row['attempts'] as number,
    detail: row['detail'] as string,
    queuedAt: row['queued_at'] as number,
    endedAt: row['ended_at'] as number | null,
  }
}

function toQuarantined(row: SqlRow): Quarantined {
  return {
    source: row['source'] as string,
    topic: row['topic'] as string,
    partition: row['partition'] as number,
    offset: row['record_offset'] as number,
    reason: row['reason'] as string,
    detail: row['detail'] as string,
    sample: row['sample'] as Uint8Array,
    at: row['at'] as number,
  }
}
