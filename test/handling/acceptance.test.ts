import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Stage } from '../build/acceptance.ts'
import {
  accept,
  acknowledges,
  at,
  breaks,
  comments,
  endsSilence,
  fires,
  mends,
  refuses,
  removes,
  resolves,
  restarts,
  rests,
  silences,
  snoozes,
  takesBack,
  told,
  worsens,
} from '../build/acceptance.ts'

const route = 'routes: [{to: [team], repeat: 4h}]'

test('people are reminded of what nobody has acknowledged, and no more once somebody has', (t) =>
  accept(t, {
    config: route,
    step: '30m',
    inputs: [at('0s', fires('a')), at('9h', acknowledges('a', 'anna')), at('40h', resolves('a'))],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '4h', 'reminder a', /^Reminder: credit-risk 7/),
      told('team', '8h', 'reminder a'),
      told('team', '9h', 'handled a', /acknowledged by anna/),
      told('team', '40h', 'resolved a'),
    ],
    until: '60h',
  }))

test('what is taken back is reminded of again, a whole interval after people were last told', (t) =>
  accept(t, {
    config: route,
    step: '30m',
    inputs: [at('0s', fires('a')), at('1h', acknowledges('a', 'anna')), at('10h', takesBack('a', 'anna'))],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '1h', 'handled a'),
      told('team', '10h', 'handled a', /no longer acknowledged/),
      told('team', '14h', 'reminder a'),
    ],
    until: '17h',
  }))

test('others are called in when nobody acknowledges, once, and hear how it goes on', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never, escalate: {after: 2h, to: [on-call]}}]',
    step: '30m',
    inputs: [
      at('0s', fires('a')),
      at('5h', worsens('a', { features: ['income', 'age'] })),
      at('6h', acknowledges('a', 'ben')),
      at('20h', resolves('a')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('on-call', '2h', 'escalation a', /Nobody has acknowledged this/),
      told('team', '5h', 'update a'),
      told('on-call', '5h', 'update a'),
      told('team', '6h', 'handled a'),
      told('on-call', '6h', 'handled a'),
      told('team', '20h', 'resolved a'),
      told('on-call', '20h', 'resolved a'),
    ],
    until: '30h',
  }))

test('nobody is called in when somebody looks after it in time; taken back, the time begins anew', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never, escalate: {after: 2h, to: [on-call]}}]',
    channels: ['team', 'on-call'],
    step: '30m',
    inputs: [
      at('0s', fires('a')),
      at('1h', acknowledges('a', 'ben')),
      at('9h', takesBack('a', 'ben')),
      at('11h', comments('a', 'ben', 'I am away')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '1h', 'handled a'),
      told('team', '9h', 'handled a'),
      told('on-call', '11h', 'escalation a'),
      told('team', '11h', 'handled a', /I am away/),
    ],
    until: '30h',
  }))

test('what a silence kept back is told when it ends, once, if it still fires; by its time or by a person', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never}]',
    inputs: [
      at('0s', silences('s', { kind: 'drift' }, '2h')),
      at('10m', fires('a')),
      at('20m', worsens('a', { features: ['income', 'age'] })),
      at('30m', fires('over')),
      at('40m', resolves('over')),
      at('3h', silences('t', { model: 'credit-*' }, '10h')),
      at('4h', worsens('a', { features: ['income', 'age', 'job'] })),
      at('5h', endsSilence('t')),
      at('6h', resolves('a')),
    ],
    wanted: [
      told('team', '2h', 'firing a', /what kept it back is over/),
      told('team', '5h', 'update a'),
      told('team', '6h', 'resolved a'),
    ],
    until: '8h',
  }))

test('how an incident ends is told under a silence to whoever was told that it fires', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never}]',
    inputs: [at('0s', fires('a')), at('1h', silences('s', { model: '*' }, '5h')), at('2h', resolves('a'))],
    wanted: [told('team', '0s', 'firing a'), told('team', '2h', 'resolved a')],
    until: '7h',
  }))

test('a snoozed incident is told again when the snooze ends, and reminded of from then on', (t) =>
  accept(t, {
    config: route,
    step: '30m',
    inputs: [
      at('0s', fires('a')),
      at('1h', snoozes('a', 'anna', '24h')),
      at('2h', worsens('a', { features: ['income', 'age'] })),
      at('1d 8h', resolves('a')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '1h', 'handled a', /snoozed until 2026-01-06T13:00:00Z by anna/),
      told('team', '1d 1h', 'update a', /its snooze has ended/),
      told('team', '1d 5h', 'reminder a'),
      told('team', '1d 8h', 'resolved a'),
    ],
    until: '2d',
  }))

test('in a weekly maintenance across the night in which clocks change nobody is told, and afterwards once', (t) =>
  accept(t, {
    // Saturday 2026-03-28 21:00Z to Sunday 04:00Z: the night is an hour shorter.
    start: Date.UTC(2026, 2, 28, 20),
    config: `routes: [{to: [team], repeat: never}]
maintenance:
  nightly: {match: {kind: drift}, weekly: {days: [saturday], from: "22:00", to: "06:00", timeZone: Europe/Berlin}}`,
    inputs: [
      at('2h', fires('a')),
      at('3h', fires('b', { kind: 'volume', features: [] })),
      at('7h 59m', worsens('a', { features: ['income', 'age'] })),
    ],
    wanted: [told('team', '3h', 'firing b'), told('team', '8h', 'firing a')],
    until: '12h',
  }))

test('bad data explains drift and performance of the same model, and what is left when it is mended is told', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never}]',
    inputs: [
      at('0s', fires('bad', { kind: 'quality' })),
      at('0s', fires('drift')),
      at('0s', fires('worse', { kind: 'performance' })),
      at('0s', fires('other', { model: 'churn' })),
      at('1h', resolves('worse')),
      at('2h', resolves('bad')),
    ],
    wanted: [
      told('team', '0s', 'firing bad'),
      told('team', '0s', 'firing other'),
      told('team', '2h', 'resolved bad'),
      told('team', '2h', 'firing drift'),
    ],
    until: '4h',
  }))

test('after a long rest one reminder comes, not all that were missed, and a channel that was out hears one too', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: 1h}]',
    step: '30m',
    inputs: [
      at('0s', fires('a')),
      at('30m', rests('9h')),
      at('9h 30m', restarts),
      at('10h', breaks('team')),
      at('20h', mends('team')),
      at('21h', acknowledges('a', 'anna')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '9h 30m', 'reminder a'),
      told('team', '20h', 'reminder a'),
      told('team', '21h', 'handled a'),
    ],
    until: '30h',
  }))

test("one that comes back after its end is nobody's yet: it is told, reminded of and escalated as at first", (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: 4h, escalate: {after: 3h, to: [on-call]}}]',
    step: '30m',
    inputs: [
      at('0s', fires('a')),
      at('1h', acknowledges('a', 'anna')),
      at('2h', resolves('a')),
      at('10h', fires('a')),
      at('15h', resolves('a')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '1h', 'handled a'),
      told('team', '2h', 'resolved a'),
      told('team', '10h', 'firing a'),
      told('on-call', '13h', 'escalation a'),
      told('team', '14h', 'reminder a'),
      told('team', '15h', 'resolved a'),
      told('on-call', '15h', 'resolved a'),
    ],
    until: '20h',
  }))

/** Rows of the outbox that a play leaves behind, and what became of them. */
const written = (stage: Stage) => stage.store.views.deliveries(999).map(({ key, state }) => `${key} ${state}`)

test('what a channel does not take because it is too mild is not written again at every look', (t) =>
  accept(
    t,
    {
      config: 'routes: [{to: [team, pager], repeat: never}]',
      channels: ['team', 'pager'],
      options: { pager: 'minSeverity: critical' },
      inputs: [at('0s', fires('a'))],
      wanted: [told('team', '0s', 'firing a')],
      until: '10m',
    },
    (stage) => assert.deepEqual(written(stage).sort(), ['a:2:pager suppressed', 'a:2:team delivered']),
  ))

test('a channel that takes only worse hears of an incident, and is called in, when it is as bad', (t) =>
  accept(t, {
    config: 'routes: [{to: [team, pager], repeat: 1h, escalate: {after: 1h, to: [on-call]}}]',
    options: { pager: 'minSeverity: critical', 'on-call': 'minSeverity: critical' },
    inputs: [
      at('0s', fires('a')),
      at('90m', worsens('a', { severity: 'critical' })),
      at('2h', acknowledges('a', 'anna')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '60m', 'reminder a'),
      told('team', '90m', 'update a'),
      told('pager', '90m', 'update a'),
      told('on-call', '90m', 'escalation a'),
      told('team', '2h', 'handled a'),
      told('pager', '2h', 'handled a'),
      told('on-call', '2h', 'handled a'),
    ],
    until: '3h',
  }))

test('a reminder that is refused is not sent again at once, nor to the fallback', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: 1h}]',
    options: { team: 'fallback: mail' },
    inputs: [at('0s', fires('a')), at('30m', refuses('team')), at('130m', mends('team'))],
    wanted: [
      told('team', '0s', 'firing a'),
      told('mail', '60m', 'reminder a'),
      told('mail', '120m', 'reminder a'),
      told('team', '180m', 'reminder a'),
    ],
    until: '200m',
  }))

test('a fallback that was told that it fires hears that it ends, whether its channel takes that or not', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never}]',
    options: { team: 'fallback: mail, fallbackAfter: 10m' },
    inputs: [
      at('0s', refuses('team')),
      at('0s', fires('a')),
      at('5m', mends('team')),
      at('10m', resolves('a')),
      at('20m', fires('b')),
      at('30m', resolves('b')),
    ],
    wanted: [
      told('mail', '0s', 'firing a', /team was to tell this/),
      told('mail', '10m', 'resolved a', /the beginning was told here/),
      told('team', '20m', 'firing b'),
      told('team', '30m', 'resolved b'),
    ],
    until: '40m',
  }))

test('what a fallback has still to be told is followed by its end', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: never}]',
    channels: ['team', 'mail'],
    options: { team: 'fallback: mail' },
    inputs: [
      at('0s', breaks('mail')),
      at('0s', refuses('team')),
      at('0s', fires('a')),
      at('5m', mends('team')),
      at('10m', resolves('a')),
      at('20m', mends('mail')),
    ],
    wanted: [
      told('mail', '20m', 'firing a', /team was to tell this/),
      told('mail', '20m', 'resolved a', /the beginning was told here/),
    ],
    until: '30m',
  }))

test('of a model that is not watched any more nobody is reminded', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: 1h, escalate: {after: 2h, to: [on-call]}}]',
    channels: ['team', 'on-call'],
    inputs: [at('0s', fires('a')), at('30m', removes('credit-risk'))],
    wanted: [told('team', '0s', 'firing a')],
    until: '4h',
  }))

test('news that a channel that was called in refuses, or is not to hear, are not written again at every look', (t) =>
  accept(
    t,
    {
      config: 'routes: [{to: [team], repeat: never, escalate: {after: 10m, to: [on-call]}}]',
      inputs: [at('0s', fires('a')), at('20m', refuses('on-call')), at('30m', worsens('a', { features: ['age'] }))],
      wanted: [told('team', '0s', 'firing a'), told('on-call', '10m', 'escalation a'), told('team', '30m', 'update a')],
      until: '60m',
    },
    (stage) => assert.equal(stage.store.handling.state('a')?.told, 2),
  ))

test('who acknowledged it does not look after what has ended and come back between two looks', (t) =>
  accept(t, {
    config: 'routes: [{to: [team], repeat: 1h}]',
    inputs: [
      at('0s', fires('a')),
      at('10m', acknowledges('a', 'anna')),
      at('20m', resolves('a')),
      at('20m', fires('a')),
    ],
    wanted: [
      told('team', '0s', 'firing a'),
      told('team', '10m', 'handled a'),
      told('team', '20m', 'resolved a'),
      told('team', '20m', 'firing a'),
      told('team', '80m', 'reminder a'),
    ],
    until: '90m',
  }))
