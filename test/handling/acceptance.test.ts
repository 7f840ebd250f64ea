import { test } from 'node:test'
import {
  accept,
  acknowledges,
  at,
  breaks,
  comments,
  endsSilence,
  fires,
  mends,
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
