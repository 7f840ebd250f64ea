import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../src/config/config-error.ts'
import { readDocument } from '../../src/config/load.ts'
import { documentText } from './document.ts'

const read = (rest: string) => readDocument(documentText({ channels: null, routes: null }, rest), 'leeway.yaml')

function problemsOf(rest: string): string[] {
  try {
    read(rest)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message.split('\n')
  }
}

test('maintenance, digests, reminders and escalation are read, and what is left out is calm', () => {
  const { handling, routes } = read(`channels: {team: {type: console}, on-call: {type: console}}
routes: [{to: [team], repeat: 4h, escalate: {after: 2h, to: [on-call]}}, {to: [team]}, {to: [team], repeat: never}]
maintenance:
  nightly: {match: {model: "credit-*"}, weekly: {days: [saturday], from: 22:00, to: 06:00, timeZone: Europe/Berlin}}
  move: {from: 2026-12-01T20:00:00Z, to: 2026-12-01T23:00:00Z}
digests: {monday: {every: week, timeZone: UTC, to: [team]}}`)
  assert.deepEqual(
    routes.map(({ repeatMs, escalate }) => [repeatMs, escalate]),
    [
      [14_400_000, { afterMs: 7_200_000, to: ['on-call'] }],
      [86_400_000, null],
      [null, null],
    ],
  )
  assert.deepEqual(handling.maintenance, [
    {
      name: 'nightly',
      matchers: { model: 'credit-*' },
      calendar: { is: 'weekly', days: ['saturday'], from: 1_320, to: 360, timeZone: 'Europe/Berlin' },
    },
    {
      name: 'move',
      matchers: {},
      calendar: { is: 'once', from: Date.UTC(2026, 11, 1, 20), to: Date.UTC(2026, 11, 1, 23) },
    },
  ])
  assert.deepEqual(handling.digests, [
    {
      name: 'monday',
      models: null,
      every: 'week',
      on: 'monday',
      at: 480,
      timeZone: 'UTC',
      to: ['team'],
      evenIfWell: false,
    },
  ])
  assert.deepEqual(handling.inhibit, [
    { source: ['quality', 'no_data'], target: ['drift', 'performance', 'estimated'] },
  ])
  assert.deepEqual(read('inhibit: []').handling.inhibit, [])
})

for (const [what, rest, said] of [
  [
    'a time zone that is none',
    'maintenance: {a: {weekly: {days: [monday], from: "22:00", to: "06:00", timeZone: Berlin}}}',
    /timeZone: found "Berlin" \(text\); expected a time zone such as Europe\/Berlin/,
  ],
  [
    'a time of day that is none',
    'maintenance: {a: {weekly: {days: [monday], from: "24:00", to: "06:00", timeZone: UTC}}}',
    /from: found "24:00" \(text\); expected a time of day/,
  ],
  [
    'a day that is none',
    'maintenance: {a: {weekly: {days: [mondy], from: "22:00", to: "06:00", timeZone: UTC}}}',
    /days\[0\].*mondy.*monday/,
  ],
  [
    'an end before its beginning',
    'maintenance: {a: {from: 2026-12-02T00:00:00Z, to: 2026-12-01T00:00:00Z}}',
    /maintenance\.a\.to.*a time after from/,
  ],
  [
    'a date without a time',
    'maintenance: {a: {from: 2026-12-01, to: 2026-12-02T00:00:00Z}}',
    /maintenance\.a\.from.*a time with its date/,
  ],
  [
    'a digest to nobody',
    'digests: {a: {every: day, timeZone: UTC, to: [teem]}}',
    /digests\.a\.to\[0\]: there is no channel called teem/,
  ],
  [
    'a digest of no model',
    'digests: {a: {every: day, timeZone: UTC, to: [console], models: [credit]}}',
    /digests\.a\.models\[0\]: there is no model called credit/,
  ],
  [
    'an escalation to nobody',
    'routes: [{to: [console], escalate: {after: 2h, to: [oncall]}}]',
    /routes\[0\]\.escalate\.to\[0\]: there is no channel called oncall/,
  ],
  ['a reminder every minute', 'routes: [{to: [console], repeat: 1m}]', /routes\[0\]\.repeat.*at least 10m/],
] as const)
  test(`${what} is told with its place`, () => {
    const problems = problemsOf(rest)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] as string, said)
  })
