// What the API, the metrics and the UI read: the port `Views` on SQLite.

import type { SQLInputValue } from 'node:sqlite'
import type { Envelope } from '../delivery/notification.ts'
import type { Incident } from '../incidents/incident.ts'
import { causeText } from '../retraining/request.ts'
import type { Stream } from '../windows/window.ts'
import { readAudit } from './audit.ts'
import type { CounterRow, Position, StoredTransition } from './changes.ts'
import { evaluation, evaluationHeads, newestEvaluation, verdictIn } from './evaluations.ts'
import { readDeeds, readState } from './handling.ts'
import { isExpected } from './rebuild.ts'
import {
  bytesOfResults,
  latestResults,
  newestOfSegments,
  newestWindows,
  segmentResults,
  selectResults,
} from './results.ts'
import { toRequest } from './retraining-rows.ts'
import type { SqlRow, Statements } from './statements.ts'
import type { DeliveryView, IncidentQuery, QuarantinedRow, TriggerView, Views } from './views.ts'

const isOpen = "state IN ('firing', 'clearing')"

export function createViews(sql: Statements): Views {
  const deliveries = (rest: string, ...values: SQLInputValue[]) =>
    sql
      .all(`SELECT key, channel, state, batch, attempts, detail, queued_at, ended_at FROM outbox ${rest}`, ...values)
      .map(toDelivery)
  return {
    streams: () => sql.allSealed('streams', 'SELECT * FROM streams ORDER BY number').map(toStream),
    positions: () => sql.allSealed('positions', 'SELECT * FROM positions').map(toPosition),
    counters: () =>
      sql.allSealed('counters', "SELECT * FROM counters WHERE substr(name, 1, 6) <> 'store/'").map(toCounter),
    storeCounters: () =>
      sql.allSealed('counters', "SELECT * FROM counters WHERE substr(name, 1, 6) = 'store/'").map(toCounter),
    results: (query) => selectResults(sql, query),
    segmentResults: (query) => segmentResults(sql, query),
    newestOfSegments: (query) => newestOfSegments(sql, query),
    resultsBytes: (query) => bytesOfResults(sql, query),
    evaluationHeads: (query) => evaluationHeads(sql, query),
    newestEvaluation: () => newestEvaluation(sql),
    evaluation: (number) => evaluation(sql, number),
    verdictIn: (number, monitor) => verdictIn(sql, number, monitor),
    latestResults: () => latestResults(sql),
    newestWindows: () => newestWindows(sql),
    incidents: (query) => {
      const { rest, values } = incidentsWhere(query)
      return sql.allSealed('incidents', `SELECT * FROM incidents ${rest}`, ...values).map(toIncident)
    },
    incidentIds(query) {
      const { rest, values } = incidentsWhere(query)
      return sql.all(`SELECT id FROM incidents ${rest}`, ...values).map((row) => row['id'] as string)
    },
    incidentsOf: (ids) =>
      ids.flatMap((id) => {
        const row = sql.getSealed('incidents', 'SELECT * FROM incidents WHERE id = ?', id)
        return row === undefined ? [] : toIncident(row)
      }),
    incident(id) {
      const row = sql.getSealed('incidents', 'SELECT * FROM incidents WHERE id = ?', id)
      if (row === undefined) return undefined
      return {
        incident: toIncident(row),
        transitions: sql.all('SELECT * FROM transitions WHERE incident = ? ORDER BY sequence', id).map(toTransition),
        deliveries: deliveries('WHERE incident = ? ORDER BY queued_at, lane_order, key', id),
      }
    },
    deliveries: (limit) => deliveries('ORDER BY queued_at DESC, key LIMIT ?', limit),
    toldOfOpen: (channel) =>
      sql
        .allSealed(
          'outbox',
          `SELECT * FROM outbox WHERE channel = ? AND state = 'delivered' AND incident IN (SELECT id FROM incidents WHERE ${isOpen})
           ORDER BY queued_at, lane_order, key`,
          channel,
        )
        .map((row) => JSON.parse(row['envelope'] as string) as Envelope),
    openIncidents: () => sql.all(`SELECT id FROM incidents WHERE ${isOpen}`).map((row) => row['id'] as string),
    triggers: (limit) =>
      sql.allSealed('retraining', 'SELECT * FROM retraining ORDER BY at DESC, id LIMIT ?', limit).map(toTrigger),
    quarantine: (limit) => sql.all('SELECT * FROM quarantine ORDER BY number DESC LIMIT ?', limit).map(toQuarantined),
    quarantined(number) {
      const row = sql.get('SELECT * FROM quarantine WHERE number = ?', number)
      return row === undefined ? undefined : toQuarantined(row)
    },
    audit: (query) => readAudit(sql, query),
    handling: (incident) => ({ state: readState(sql, incident), deeds: readDeeds(sql, incident) }),
    queued: () =>
      sql.get(`SELECT count(*) AS rows FROM outbox WHERE ${isExpected} AND deferred = 0`)?.['rows'] as number,
    oldestQueuedAt: () =>
      (sql.get(
        `SELECT min(queued_at) AS oldest FROM outbox INDEXED BY outbox_queued WHERE ${isExpected} AND deferred = 0`,
      )?.['oldest'] as number | null) ?? undefined,
  }
}

const urgency = "CASE state WHEN 'firing' THEN 0 WHEN 'clearing' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END"
const gravity = "CASE json ->> '$.severity' WHEN 'critical' THEN 0 WHEN 'alarm' THEN 1 ELSE 2 END"
const searched =
  "lower(model || ' ' || (json ->> '$.version') || ' ' || kind || ' ' || id || ' ' || (json ->> '$.features'))"

/** What comes after the table, and its values. */
function incidentsWhere(query: IncidentQuery): { readonly rest: string; readonly values: readonly SQLInputValue[] } {
  const { model, concerns, kind, state, search, version, from, to, hasFired, order, limit } = query
  // What is not asked for is left out, so that it costs nothing: each look into the JSON does.
  const conditions: ReadonlyArray<readonly [condition: string, value: SQLInputValue | undefined]> = [
    ['model = ?', model],
    [
      `? IN (SELECT model UNION ALL SELECT value FROM json_each(iif(incidents.kind = 'no_data', incidents.json, '{}'), '$.silence.models'))`,
      concerns,
    ],
    ['kind = ?', kind],
    ['state = ?', state],
    ["json ->> '$.version' = ?", version],
    ["json ->> '$.since' >= ?", from],
    ["json ->> '$.since' <= ?", to],
    ['EXISTS (SELECT 1 FROM transitions WHERE incident = id AND change = ?)', hasFired && 'firing'],
    [`instr(${searched}, lower(?)) > 0`, search],
  ]
  const asked = conditions.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]))
  const where = asked.length === 0 ? '' : `WHERE ${asked.map(({ condition }) => condition).join(' AND ')} `
  const urgent = order === 'urgent' ? `${urgency}, iif(state = 'resolved', 0, ${gravity}), ` : ''
  return {
    rest: `${where}ORDER BY ${urgent}at DESC, id LIMIT ?`,
    values: [...asked.map(({ value }) => value), limit],
  }
}

function toIncident(row: SqlRow): Incident {
  return JSON.parse(row['json'] as string) as Incident
}

function toStream(row: SqlRow): Stream {
  return { index: row['number'] as number, model: row['model'] as string, version: row['version'] as string }
}

function toPosition(row: SqlRow): Position {
  return {
    source: row['source'] as string,
    topic: row['topic'] as string,
    partition: row['partition'] as number,
    nextOffset: row['next_offset'] as number,
    highestTime: row['highest_time'] as number | null,
    last:
      row['last_hash'] === null
        ? null
        : {
            offset: row['last_offset'] as number,
            timestamp: row['last_timestamp'] as number,
            hash: row['last_hash'] as string,
          },
  }
}

function toCounter(row: SqlRow): CounterRow {
  return {
    name: row['name'] as string,
    model: row['model'] as string,
    version: row['version'] as string,
    value: row['value'] as number,
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
    toldIn: row['batch'] === row['key'] ? null : (row['batch'] as string | null),
    attempts: row['attempts'] as number,
    detail: row['detail'] as string,
    queuedAt: row['queued_at'] as number,
    endedAt: row['ended_at'] as number | null,
  }
}

function toTrigger(row: SqlRow): TriggerView {
  const { id, model, version, target, state, because, cause, askedAt, approval, run } = toRequest(row)
  return {
    ...{ id, model, version, target, at: row['at'] as number, state, detail: because },
    ...{ cause: causeText(cause), askedAt, approvedBy: approval?.by ?? null },
    run:
      run === null
        ? null
        : {
            id: run.run?.id ?? null,
            link: run.run?.link ?? null,
            tookMs: run.endedAt === null ? null : run.endedAt - run.startedAt,
          },
  }
}

function toQuarantined(row: SqlRow): QuarantinedRow {
  return {
    number: row['number'] as number,
    source: row['source'] as string,
    topic: row['topic'] as string,
    partition: row['partition'] as number,
    offset: row['record_offset'] as number,
    reason: row['reason'] as string,
    detail: row['detail'] as string,
    sample: row['sample'] as Uint8Array,
    at: row['at'] as number,
    range:
      row['last_offset'] === null
        ? null
        : { lastOffset: row['last_offset'] as number, records: row['records'] as number },
  }
}
