// Deeds and ticks that die at each of their moments.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from '../../src/probe.ts'
import { moments } from '../../src/probe.ts'
import type { Play } from '../build/acceptance.ts'
import { accept, acknowledges, at, comments, fires, resolves, START, snoozes, told } from '../build/acceptance.ts'
import { isFull, proved } from './proof.ts'

const own = moments.filter((moment) => moment.startsWith('handling: '))
/** Writes of the story below: three deeds, escalation, reminder, the end of the snooze, the end of the incident. */
const WRITES = 7
const TIMES = isFull ? WRITES : 3

const story = (at_: Moment, nth: number): Play => ({
  config: 'routes: [{to: [team], repeat: 4h, escalate: {after: 2h, to: [on-call]}}]',
  step: '1h',
  dies: { at: at_, nth },
  inputs: [
    at('0s', fires('a')),
    at('5h', snoozes('a', 'anna', '2h')),
    at('8h', comments('a', 'anna', 'looking')),
    at('9h', acknowledges('a', 'anna')),
    at('20h', resolves('a')),
  ],
  wanted: [
    told('team', '0s', 'firing a'),
    told('on-call', '2h', 'escalation a'),
    told('team', '4h', 'reminder a'),
    told('team', '20h', 'resolved a'),
    told('on-call', '20h', 'resolved a'),
    ...['team', 'on-call'].flatMap((channel) => [
      told(channel, '5h', 'handled a', /snoozed/),
      told(channel, '7h', 'update a', /snooze has ended/),
      told(channel, '8h', 'handled a', /looking/),
      told(channel, '9h', 'handled a', /acknowledged/),
    ]),
  ],
  until: '22h',
})

test('killed at any moment of a deed or a tick, and asked again, each thing is done and told once', async (t) => {
  for (const moment of own) for (let nth = 1; nth <= TIMES; nth++) await accept(t, story(moment, nth))
  proved({
    promise: 'G3',
    fault: 'A death at each moment of a deed, a reminder, an escalation, the end of a snooze',
    size: `${own.length} moments, ${TIMES} times each`,
    outcome: 'each deed done once, each message told once',
    test: 'test/faults/handling.test.ts',
  })
})

test('messages in a transaction of their own are lost by such a death, and that is noticed', async (t) => {
  const broken = { ...story('handling: committed', 3), negativeControl: { outboxApart: { between: () => {} } } }
  await assert.rejects(accept(t, broken), /missing on/)
})

const [MINUTE, DAY] = [60_000, 86_400_000]
const minutes = (instant: number) => `${(instant - START) / MINUTE}m`

test('for six months one reminder comes a day and one digest a week, at eight there before and after clocks are set', async (t) => {
  const mondays = Array.from({ length: 25 }, (_, k) => Date.UTC(2026, 0, 12 + 7 * k, k < 11 ? 7 : 6))
  await accept(t, {
    config: `routes: [{to: [team], match: {model: credit-risk}}]
digests:
  weekly: {every: week, at: "08:00", timeZone: Europe/Berlin, to: [team], models: [credit-risk]}`,
    step: '1h',
    inputs: [at('0s', fires('a'))],
    wanted: [
      told('team', '0s', 'firing a'),
      ...Array.from({ length: 180 }, (_, n) => told('team', `${(n + 1) * 24}h`, 'reminder a')),
      ...mondays.map((monday) => told('team', minutes(monday), 'digest credit-risk', /1 incident open, week to 2026-/)),
    ],
    until: minutes(START + 180 * DAY),
  })
  proved({
    promise: 'G3',
    fault: 'Six months, clocks that are set, an alarm that nobody acknowledges',
    size: '4,320 looks, one an hour',
    outcome: 'one reminder a day, one digest a week at its time of day',
    test: 'test/faults/handling.test.ts',
  })
})
