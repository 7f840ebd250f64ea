import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance } from '../../src/incidents/advance.ts'
import { windowsToResolve } from '../../src/incidents/episode.ts'
import type { PolicyState } from '../../src/incidents/policy-state.ts'
import { emptyPolicy, withWindows } from '../../src/incidents/policy-state.ts'
import type { Judged, Verdict, WindowKind } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import { windowsToFire } from '../../src/reference/ladder.ts'
import { HOUR, MINUTE } from '../../src/time.ts'

const spec = { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE }

function verdict(status: 'ok' | 'warning' | 'alarm', change: Partial<Judged> = {}): Judged {
  const feature = change.feature ?? 'income'
  return {
    monitor: `drift/${feature}`,
    kind: 'drift',
    feature,
    metric: 'psi',
    status,
    value: 0.3,
    threshold: 0.1,
    effect: 0.3,
    pValue: 1e-9,
    low: null,
    high: null,
    reference: null,
    calibrated: true,
    severe: false,
    clear: status === 'ok',
    matters: status === 'alarm',
    holds: [change.severe === true, status === 'alarm', status !== 'ok', status !== 'ok'],
    methods: { psi: 0.3 },
    ...change,
  }
}

/** A timeline: one window after another, each with its verdicts; yields what happened as `window:change`. */
function play(windows: Verdict[][], kinds: WindowKind[] = ['drift'], state: PolicyState = emptyPolicy()) {
  const happened: string[] = []
  const transitions = windows.flatMap((verdicts, i) => {
    const end = (i + 1) * spec.slideMs
    const result: WindowResult = {
      model: 'm',
      version: '1',
      segment: '',
      window: '1h',
      start: end - HOUR,
      end,
      revision: 0,
      samples: 500,
      labelled: 0,
      provisional: true,
      verdicts,
    }
    const changes = advance(state, result, { spec, kinds, at: end })
    for (const { change } of changes) happened.push(`${i + 1}:${change}`)
    return changes
  })
  return { happened, transitions, state }
}

const times = (count: number, verdicts: () => Verdict[]) => Array.from({ length: count }, verdicts)

test('half a window of alarms in a row fires, a window of clear ones resolves', () => {
  assert.equal(windowsToFire(spec), 6)
  assert.equal(windowsToResolve(spec), 12)
  const { happened } = play([...times(8, () => [verdict('alarm')]), ...times(12, () => [verdict('ok')])])
  assert.deepEqual(happened, ['1:pending', '6:firing', '20:resolved'])
})

test('alarms that do not last are withdrawn without firing', () => {
  const { happened, state } = play([...times(5, () => [verdict('alarm')]), [verdict('ok')]])
  assert.deepEqual(happened, ['1:pending', '6:withdrawn'])
  assert.deepEqual(state, emptyPolicy())
})

test('a severe change fires at once', () => {
  assert.deepEqual(play([[verdict('alarm', { severe: true })]]).happened, ['1:firing'])
})

test('an alarm that hovers around its threshold neither resolves nor fires anew', () => {
  const hovering = Array.from({ length: 40 }, (_, i) => [verdict(i % 2 ? 'alarm' : 'warning', { clear: false })])
  assert.deepEqual(play([...times(6, () => [verdict('alarm')]), ...hovering]).happened, ['1:pending', '6:firing'])
})

test('a window with too few rows changes nothing in either direction', () => {
  const few: Verdict = {
    monitor: 'drift/income',
    kind: 'drift',
    feature: 'income',
    metric: 'psi',
    status: 'insufficient',
    value: null,
    reference: null,
    low: null,
    high: null,
    reason: 'few',
    calibrated: true,
  }
  const { happened } = play([...times(3, () => [verdict('alarm')]), [few], ...times(3, () => [verdict('alarm')])])
  assert.deepEqual(happened, ['1:pending', '7:firing'])
})

test('features that move together are one incident, the worst first', () => {
  const both = () => [verdict('alarm'), verdict('alarm', { feature: 'age', methods: { psi: 2 } })]
  const { transitions } = play(times(6, both))
  assert.equal(transitions.at(-1)?.change, 'firing')
  assert.deepEqual(transitions.at(-1)?.incident.features, ['age', 'income'])
})

test('a performance incident names the features that moved in the same window', () => {
  const worse = () => [
    verdict('alarm', { monitor: 'performance/roc_auc', kind: 'performance', feature: null, metric: 'roc_auc' }),
    verdict('alarm', { feature: 'age', methods: { psi: 2 } }),
    verdict('warning'),
    verdict('ok', { feature: 'job' }),
  ]
  const { transitions } = play(times(6, worse), ['performance'])
  assert.deepEqual(transitions.at(-1)?.incident.features, ['age', 'income'])
  assert.equal(transitions.at(-1)?.incident.kind, 'performance')
})

test('a feature that joins later is told once, and not more often than once a window length', () => {
  const joined = () => [verdict('alarm'), verdict('alarm', { feature: 'age' })]
  const three = () => [...joined(), verdict('alarm', { feature: 'job' })]
  const { happened } = play([...times(6, () => [verdict('alarm')]), ...times(8, joined), ...times(20, three)])
  assert.deepEqual(happened, ['1:pending', '6:firing', '18:update', '30:update'])
})

test('the same windows give the same incident id, whatever came before the first breach', () => {
  const run = times(6, () => [verdict('alarm')])
  const quiet = times(0, () => [verdict('ok')])
  assert.equal(play(run).transitions[0]?.incident.id, play([...quiet, ...run]).transitions[0]?.incident.id)
  assert.notEqual(play(run).transitions[0]?.incident.id, play([[verdict('ok')], ...run]).transitions[0]?.incident.id)
})

test('state that went through JSON goes on as if it had not', () => {
  const first = play(times(4, () => [verdict('alarm')]))
  const stored = JSON.parse(JSON.stringify(first.state)) as PolicyState
  assert.deepEqual(
    play(
      times(2, () => [verdict('alarm')]),
      ['drift'],
      stored,
    ).happened,
    ['2:firing'],
  )
})

test('an incident that outlives another with the same beginning has an id of its own', () => {
  const soon = (window: number) => verdict(window < 6 ? 'alarm' : 'ok')
  const slow = () => verdict('warning', { feature: 'age', matters: true, holds: [false, false, false, true] })
  const { happened, transitions } = play(Array.from({ length: 25 }, (_, window) => [soon(window), slow()]))
  assert.deepEqual(happened, ['1:pending', '6:firing', '18:resolved', '25:firing'])
  const [first, second] = [transitions[2]?.incident, transitions[3]?.incident]
  assert.equal(first?.since, second?.since)
  assert.notEqual(first?.id, second?.id)
})

test('a monitor that is no longer configured ends its incident', () => {
  const metric = () => verdict('alarm', { monitor: 'performance/f1', kind: 'performance', feature: null, metric: 'f1' })
  const other = () => verdict('ok', { monitor: 'performance/mcc', kind: 'performance', feature: null, metric: 'mcc' })
  const { happened, transitions, state } = play([...times(6, () => [metric()]), [other()]], ['performance'])
  assert.deepEqual(happened, ['1:pending', '6:firing', '7:resolved'])
  assert.equal(transitions.at(-1)?.because, 'what it was about is no longer watched')
  assert.deepEqual(state, emptyPolicy())
})

test('windows that are no longer configured end their incidents', () => {
  const { state } = play(times(6, () => [verdict('alarm')]))
  assert.deepEqual(withWindows(state, [spec]), state)
  const left = withWindows(state, [{ ...spec, name: '24h' }])
  assert.deepEqual(play([[verdict('ok')]], ['drift'], left).happened, ['1:resolved'])
})

test('a model that gets fewer rows is told once, whatever else moves meanwhile', () => {
  const fewer = () => verdict('alarm', { monitor: 'volume', kind: 'volume', feature: null, metric: 'rows' })
  const moved = () => [fewer(), verdict('alarm', { feature: 'age' })]
  const { happened, transitions } = play([...times(6, () => [fewer()]), ...times(20, moved)], ['volume'])
  assert.deepEqual(happened, ['1:pending', '6:firing'])
  assert.equal(transitions.length, 2)
})

test('a feature that moved by the rule of another tool is named, though that rule has no p-value', () => {
  const worse = () => [
    verdict('alarm', { monitor: 'performance/roc_auc', kind: 'performance', feature: null, metric: 'roc_auc' }),
    verdict('alarm', { feature: 'age', pValue: null }),
    verdict('ok', { feature: 'job', pValue: null }),
  ]
  assert.deepEqual(play(times(6, worse), ['performance']).transitions.at(-1)?.incident.features, ['age'])
})

test('an incident that is clear of late is clearing, and fires again without a word when it is not', () => {
  const told = times(6, () => [verdict('alarm')])
  const { happened, state } = play([...told, ...times(5, () => [verdict('ok')])])
  assert.deepEqual(happened, ['1:pending', '6:firing'])
  const clearing = state.incidents.drift?.incident
  assert.deepEqual([clearing?.state, clearing?.clearingSince, clearing?.sequence], ['clearing', 7 * spec.slideMs, 2])
  const back = play([[verdict('warning', { clear: false })]], ['drift'], state)
  assert.deepEqual(back.happened, [])
  const firing = back.state.incidents.drift?.incident
  assert.deepEqual([firing?.state, firing?.clearingSince, firing?.sequence], ['firing', undefined, 2])
})

const loss = (times: number, more: Partial<Judged> = {}) =>
  verdict('alarm', {
    monitor: 'performance/roc_auc',
    kind: 'performance',
    feature: null,
    metric: 'roc_auc',
    value: 0.9 - 0.03 * times,
    low: 0.895 - 0.03 * times,
    high: 0.905 - 0.03 * times,
    threshold: 0.87,
    reference: 0.9,
    effect: -0.03 * times,
    ...more,
  })

test('a metric that has surely lost twice what it may lose is critical, told once', () => {
  const windows = [
    ...times(8, () => [loss(1.5)]),
    [loss(2.1)],
    ...times(9, () => [loss(3)]),
    ...times(5, () => [loss(1.2)]),
  ]
  const { happened, transitions, state } = play(windows, ['performance'])
  // At 2.1 times the interval reaches under twice.
  assert.deepEqual(happened, ['1:pending', '6:firing', '10:update'])
  assert.deepEqual(
    transitions.map(({ incident: { severity }, escalates }) => [severity, escalates]),
    [
      ['alarm', undefined],
      ['alarm', undefined],
      ['critical', true],
    ],
  )
  assert.equal(state.incidents.performance?.incident.severity, 'critical')
})

test('what is severe from the beginning is critical from the beginning; what another tool calls drift is not', () => {
  const severe = (low: number | null) => play([[verdict('alarm', { severe: true, low })]]).transitions[0]?.incident
  assert.equal(severe(0.25)?.severity, 'critical')
  assert.equal(severe(null)?.severity, 'alarm')
})

test('an incident of an earlier version is not told again for what it was when it was told', () => {
  const { state } = play(
    times(6, () => [loss(1.5)]),
    ['performance'],
  )
  const { monitors: _, ...old } = state.incidents.performance as NonNullable<typeof state.incidents.performance>
  const earlier = { ...state, incidents: { performance: old } }
  const { happened, state: after } = play(
    times(3, () => [loss(3)]),
    ['performance'],
    earlier,
  )
  assert.deepEqual(happened, [])
  assert.equal(after.incidents.performance?.incident.severity, 'critical')
})

test('estimates stay warnings, however bad they are', () => {
  const estimate = () => loss(5, { kind: 'estimated', monitor: 'estimated/roc_auc', status: 'warning' })
  const { transitions } = play(
    times(20, () => [estimate()]),
    ['estimated'],
  )
  assert.deepEqual([...new Set(transitions.map(({ incident }) => incident.severity))], ['warning'])
})

test('a performance incident and the drift that may explain it name each other while both are active', () => {
  const both = () => [loss(1.5), verdict('alarm', { feature: 'age' })]
  const { transitions, state } = play(times(6, both), ['drift', 'performance'])
  const [drift, performance] = transitions.slice(-2).map(({ incident }) => incident)
  assert.deepEqual(drift?.relatedTo, [{ id: performance?.id, kind: 'performance' }])
  assert.deepEqual(performance?.relatedTo, [{ id: drift?.id, kind: 'drift' }])
  const over = play(
    times(12, () => [loss(1.5), verdict('ok', { feature: 'age' })]),
    ['drift', 'performance'],
    state,
  )
  assert.equal(over.state.incidents.performance?.incident.relatedTo, undefined)
})

test('another feature that drifts soon after the end of an incident is another incident, told as ever', () => {
  const first = [...times(6, () => [verdict('alarm')]), ...times(12, () => [verdict('ok')])]
  const other = times(6, () => [verdict('ok'), verdict('alarm', { feature: 'age' })])
  const { happened, transitions } = play([...first, ...other])
  assert.deepEqual(happened, ['1:pending', '6:firing', '18:resolved', '19:pending', '24:firing'])
  assert.notEqual(transitions[4]?.incident.id, transitions[0]?.incident.id)
  const again = play([...first, ...times(6, () => [verdict('alarm', { value: 0.15 })])])
  assert.deepEqual(again.happened, ['1:pending', '6:firing', '18:resolved', '19:pending'])
  assert.equal(again.transitions[3]?.incident.id, again.transitions[0]?.incident.id)
})

test('features that come and go by turns are each an incident of their own, and told once', () => {
  const turn = (feature: 'age' | 'job') => {
    const other = verdict('ok', { feature: feature === 'age' ? 'job' : 'age' })
    return [
      ...times(6, () => [verdict('alarm', { feature, value: 0.15 }), other]),
      ...times(100, () => [verdict('ok', { feature }), other]),
    ]
  }
  const turns = [...turn('age'), ...turn('job'), ...turn('age'), ...turn('job'), ...turn('age')]
  const { happened, transitions } = play(turns)
  assert.equal(happened.filter((one) => one.endsWith(':firing')).length, 2)
  assert.equal(new Set(transitions.map(({ incident }) => incident.id)).size, 2)
})
