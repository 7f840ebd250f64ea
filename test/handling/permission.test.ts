import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inhibitedBy, usualInhibition } from '../../src/handling/inhibition.ts'
import { matchesPattern } from '../../src/handling/pattern.ts'
import type { Circumstances, Tellable } from '../../src/handling/permission.ts'
import { permissionOf } from '../../src/handling/permission.ts'
import type { Matchers, Silence } from '../../src/handling/silence.ts'
import { phaseOf } from '../../src/handling/silence.ts'
import { unhandled } from '../../src/handling/state.ts'
import { runs } from '../events/seed.ts'

const NOW = 1_000_000
const message: Tellable = {
  change: 'firing',
  incidentId: 'i',
  model: 'credit-risk',
  version: '7',
  kind: 'drift',
  severity: 'alarm',
  features: [{ name: 'income' }],
}
const silence = (matchers: Matchers): Silence => ({
  id: 's1',
  matchers,
  start: NOW - 10,
  end: NOW + 10,
  reason: 'a campaign',
  author: 'anna',
  createdAt: 0,
  endedBy: null,
})

function ask(change: Partial<Circumstances>, about: Partial<Tellable> = {}, now = NOW) {
  const permission = permissionOf(
    { ...message, ...about },
    {
      state: undefined,
      features: undefined,
      silences: [],
      maintenance: [],
      inhibitedBy: null,
      isKnown: false,
      ...change,
    },
    now,
  )
  return permission.is === 'told' ? 'told' : permission.because
}

test('a silence holds from its start to its end for what it matches, and says whose it is and why', () => {
  const silences = [silence({ model: 'credit-*', kind: 'drift' })]
  assert.equal(ask({ silences }), 'silence s1 of anna (model=credit-*, kind=drift): a campaign')
  assert.equal(ask({ silences }, { kind: 'volume' }), 'told')
  assert.equal(ask({ silences }, {}, NOW - 11), 'told')
  assert.equal(ask({ silences }, {}, NOW + 10), 'told')
  assert.deepEqual(
    [NOW - 11, NOW, NOW + 10].map((at) => phaseOf(silence({}), at)),
    ['waiting', 'active', 'ended'],
  )
})

test('a silence of a feature does not hide that another one moved, whatever the message names', () => {
  const silences = [silence({ feature: 'income' })]
  assert.notEqual(ask({ silences }), 'told')
  assert.equal(ask({ silences, features: ['income', 'age'] }), 'told')
  assert.equal(ask({ silences }, { features: [] }), 'told')
})

test('how an incident ends is told to those who know of it, also under a silence, and to nobody else', () => {
  const silences = [silence({ model: '*' })]
  assert.equal(ask({ silences, isKnown: true }, { change: 'resolved' }), 'told')
  assert.equal(ask({ silences, isKnown: true }, { change: 'update' }), ask({ silences }))
  assert.match(ask({ isKnown: false }, { change: 'resolved' }), /nobody was told/)
})

test('reminders wait for nobody once somebody looks after it', () => {
  const state = { ...unhandled('i'), acknowledgedBy: 'ben', acknowledgedAt: 1 }
  assert.equal(ask({ state }, { change: 'reminder' }), 'acknowledged by ben')
  assert.equal(ask({ state }, { change: 'update' }), 'told')
})

test('a snooze, maintenance and bad data of the same model keep a message back, and what a run does is told all the same', () => {
  const state = { ...unhandled('i'), snoozedUntil: NOW + 1, snoozedBy: 'ben' }
  assert.equal(ask({ state }), 'snoozed by ben')
  assert.equal(ask({ state }, {}, NOW + 1), 'told')
  assert.equal(ask({ maintenance: ['nightly'] }), 'maintenance: nightly')
  assert.equal(ask({ inhibitedBy: 'follows from bad data' }), 'follows from bad data')
  assert.equal(ask({ state, maintenance: ['nightly'] }, { change: 'retraining' }), 'told')
})

test('a pattern matches what the same regular expression matches', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '.', '-')).map((parts) => parts.join(''))
  const patterns = fc.array(fc.constantFrom('a', 'b', '.', '*', '?')).map((parts) => parts.join(''))
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const source = pattern.replace(/[.]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
      assert.equal(matchesPattern(pattern, text), new RegExp(`^${source}$`).test(text))
    }),
    runs(2_000),
  )
})

test('whatever silences there are, one decides as their union, and none outlives its end', () => {
  const instants = fc.integer({ min: 0, max: 100 })
  const names = fc.constantFrom('credit-risk', 'credit-*', 'churn', '*', '*-risk')
  const one = fc.record({
    model: names,
    kind: fc.constantFrom('drift', 'volume', '*'),
    start: instants,
    lasting: instants,
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), instants, (all, now) => {
      const silences = all.map(({ model, kind, start, lasting }) => ({
        ...silence({ model, kind }),
        start,
        end: start + lasting,
      }))
      const isToldBy = (some: typeof silences) => ask({ silences: some }, {}, now) === 'told'
      assert.equal(
        isToldBy(silences),
        silences.every((each) => isToldBy([each])),
      )
      for (const each of silences) assert.ok(isToldBy([each]) || (each.start <= now && now < each.end))
    }),
    runs(1_000),
  )
})

test('patterns match as people read them, and long ones end in time', () => {
  for (const [pattern, text, wanted] of [
    ['*', '', true],
    ['credit-*', 'credit-risk', true],
    ['credit-*', 'debit-risk', false],
    ['*risk', 'credit-risk', true],
    ['c?t', 'cat', true],
    ['c?t', 'ct', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ] as const)
    assert.equal(matchesPattern(pattern, text), wanted, `${pattern} ${text}`)
  assert.equal(matchesPattern(`${'a*'.repeat(60)}x`, 'a'.repeat(20_000)), false)
})

test('a silence explains what is said of any version of its models, and bad data of its own version only', () => {
  const about = { incidentId: 'd', model: 'm', version: '7', kind: 'drift' }
  const silence = { of: 'source', lastAt: 0, after: 1, source: 's', because: null, models: ['m', 'n'] } as const
  const away = { id: 's', model: 'source s', version: '', kind: 'no_data', silence }
  assert.match(inhibitedBy(about, [away], usualInhibition) ?? '', /follows from the no_data incident s/)
  assert.equal(inhibitedBy({ ...about, model: 'other' }, [away], usualInhibition), null)
  const bad = { id: 'q', model: 'm', version: '6', kind: 'quality' }
  assert.equal(inhibitedBy(about, [bad], usualInhibition), null)
  assert.match(inhibitedBy({ ...about, version: '6' }, [bad], usualInhibition) ?? '', /quality incident q/)
})
