// Which incidents a report of a period tells of, and at which windows they begin, end and were worst.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Evidence, Incident } from '../../src/incidents/incident.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import type { ReportIncident } from '../../src/overview/report-incidents.ts'
import { incidentsOf } from '../../src/overview/report-incidents.ts'
import { openStore } from '../../src/store/store.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { aucEvidence, incident } from '../build/messages.ts'
import { driftVerdict, windowResult } from '../build/metrics.ts'
import { changes } from '../store/changes.ts'

const MIDNIGHT = Date.UTC(2026, 10, 30)
const evidence: Evidence = {
  ...aucEvidence,
  monitor: 'drift/income',
  kind: 'drift',
  feature: 'income',
  metric: 'psi',
  threshold: 0.1,
}

/** Each with the windows in which it was seen, and how far income had drifted in them. */
function told(
  t: TestContext,
  all: ReadonlyArray<Partial<Incident>>,
  psiAt: Readonly<Record<number, number | Verdict[]>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-report-incidents-'))
  const store = openStore(folder)
  t.after(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })
  const incidents = all.map((change, i) => incident({ kind: 'drift', id: `a${i}`, evidence: [evidence], ...change }))
  store.commit(
    changes({
      streams: [{ index: 0, model: 'credit-risk', version: '7' }],
      incidents,
      transitions: incidents.map(({ id, at }) => ({
        ...{ incidentId: id, sequence: 1, change: 'firing', because: 'over the threshold', at },
      })),
      results: Object.entries(psiAt).map(([end, psi]) =>
        windowResult({
          ...{ start: +end - HOUR, end: +end },
          verdicts: typeof psi === 'number' ? [driftVerdict('income', 'alarm', psi)] : psi,
        }),
      ),
    }),
  )
  return (from: number | null, to: number | null): ReportIncident[] =>
    incidentsOf(store, {
      ...{ model: 'credit-risk', version: '7', from, to },
      ...{ end: to ?? MIDNIGHT + 30 * DAY, now: MIDNIGHT + 60 * DAY },
    })
}

const ids = (incidents: readonly ReportIncident[]) => incidents.map(({ id }) => id)
const seenIn = (end: number): Evidence[] => [{ ...evidence, window: '1h', end }]

test('an incident that the last window of a day ended is told in the report of that day alone, as over', (t) => {
  // It was judged half a minute after the window, which is another day.
  const ended = { state: 'resolved', since: MIDNIGHT - 5 * HOUR, at: MIDNIGHT + 30_000 } as const
  const of = told(t, [{ ...ended, evidence: seenIn(MIDNIGHT) }], { [MIDNIGHT]: 0.05 })
  const [before] = of(MIDNIGHT - DAY + 1, MIDNIGHT)
  assert.deepEqual([before?.isOpen, before?.until, before?.lasted], [false, '2026-11-30T00:00:00Z', '5 hours'])
  assert.deepEqual(ids(of(MIDNIGHT + 1, MIDNIGHT + DAY)), [])
})

test('an incident ends with its last window, however late the labels of that came', (t) => {
  const late = { state: 'resolved', since: MIDNIGHT - 5 * HOUR, at: MIDNIGHT + 20 * DAY } as const
  const of = told(t, [{ ...late, kind: 'performance', evidence: [{ ...aucEvidence, end: MIDNIGHT - HOUR }] }])
  assert.deepEqual(
    of(MIDNIGHT - DAY + 1, MIDNIGHT).map(({ isOpen, lasted }) => [isOpen, lasted]),
    [[false, '4 hours']],
  )
  assert.deepEqual(ids(of(MIDNIGHT + 10 * DAY, MIDNIGHT + 30 * DAY)), [])
})

test('what began with the last window of a day is of that day, and of the next while it goes on', (t) => {
  const of = told(
    t,
    [
      {
        since: MIDNIGHT,
        at: MIDNIGHT + HOUR,
        evidence: [{ ...evidence, window: '1h', end: MIDNIGHT + 2 * HOUR, value: 9 }],
      },
    ],
    {
      [MIDNIGHT]: 0.21,
      [MIDNIGHT + HOUR]: 7.5,
    },
  )
  const [before] = of(MIDNIGHT - DAY + 1, MIDNIGHT)
  assert.deepEqual([before?.since, before?.isOpen], ['2026-11-30T00:00:00Z', true])
  // At its worst in the windows of the period: what came after it is of another report.
  assert.match(before?.evidence.join() ?? '', /PSI 0\.21 /)
  assert.match(of(MIDNIGHT + 1, MIDNIGHT + DAY)[0]?.evidence.join() ?? '', /PSI 9 /)
})

test('a silence begins at a moment: one from midnight on is of the day that begins', (t) => {
  const silence = {
    ...{ of: 'predictions' as const, lastAt: MIDNIGHT, after: HOUR, source: 's', because: null, models: [] },
  } as const
  const of = told(t, [{ kind: 'no_data', since: MIDNIGHT, at: MIDNIGHT + HOUR, evidence: [], silence }])
  assert.deepEqual(ids(of(MIDNIGHT - DAY + 1, MIDNIGHT)), [])
  assert.deepEqual(ids(of(MIDNIGHT + 1, MIDNIGHT + DAY)), ['a0'])
})

test('an incident is told by the tests that alarmed in the period, whatever it is about today', (t) => {
  const today = [{ ...evidence, monitor: 'drift/job', feature: 'job', window: '1h', end: MIDNIGHT + 9 * HOUR }]
  const of = told(t, [{ since: MIDNIGHT - HOUR, at: MIDNIGHT, features: ['job'], evidence: today }], {
    [MIDNIGHT - HOUR]: [driftVerdict('income', 'alarm', 0.4), driftVerdict('job', 'ok', 0.01)],
    [MIDNIGHT]: [driftVerdict('income', 'alarm', 0.3), driftVerdict('age', 'warning', 0.12)],
  })
  const [before] = of(MIDNIGHT - DAY + 1, MIDNIGHT)
  assert.match(before?.title ?? '', /drifting in income$/)
  assert.match(before?.evidence.join('; ') ?? '', /^income: PSI 0\.4 [^;]*$/)
  assert.match(of(MIDNIGHT + 1, MIDNIGHT + DAY)[0]?.evidence.join('; ') ?? '', /job/)
})

test('where no test had alarmed by the end of the period, what those of today said then is told', (t) => {
  const today = [{ ...evidence, window: '1h', end: MIDNIGHT + HOUR }]
  const of = told(t, [{ since: MIDNIGHT, at: MIDNIGHT, evidence: today }], {
    [MIDNIGHT]: [driftVerdict('income', 'ok', 0.05), driftVerdict('job', 'ok', 0.09)],
  })
  assert.match(of(MIDNIGHT - DAY + 1, MIDNIGHT)[0]?.evidence.join('; ') ?? '', /^income: PSI 0\.05 [^;]*$/)
})

test('what a decision ended within its first window lasted until then', (t) => {
  const decided = { state: 'resolved', since: MIDNIGHT, at: MIDNIGHT + 3 * HOUR, evidence: seenIn(MIDNIGHT) } as const
  const [one] = told(t, [decided])(MIDNIGHT, MIDNIGHT + DAY)
  assert.deepEqual([one?.until, one?.lasted], ['2026-11-30T03:00:00Z', '3 hours'])
})
