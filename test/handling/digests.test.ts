// Digests: what they say, and when.

import { test } from 'node:test'
import { accept, at, fires, resolves, restarts, rests, told, windows } from '../build/acceptance.ts'

test('a digest says how much came, what drifted, how good the model is, and what became of incidents', (t) =>
  accept(t, {
    config: `routes: [{to: [team], repeat: never}]
digests:
  daily: {every: day, at: "12:00", timeZone: UTC, to: [desk], models: [credit-risk], evenIfWell: true}`,
    step: '1h',
    inputs: [at('0s', windows('credit-risk', '24h')), at('2h', fires('a')), at('5h', resolves('a'))],
    wanted: [
      told('team', '2h', 'firing a'),
      told('team', '5h', 'resolved a'),
      told(
        'desk',
        '24h',
        'digest credit-risk',
        /1 incident, none open, day to 2026-01-06\n1 incident opened, 1 ended; none is open\.\npredictions: 2,400\nlabels: 90 % of predictions\ndrifted: 1 of 2 features \(income\), in the window of 1h that ends 2026-01-06T12:00:00Z; 1 had too few rows\nROC AUC: 0\.840 \(0\.820–0\.860\), reference 0\.91, in .*\nincidents: 1 opened, 1 ended, 0 open/s,
      ),
      told('desk', '48h', 'digest credit-risk', /no predictions came/),
    ],
    until: '50h',
  }))

test('while all is well a digest is told only where it is asked for, and after a long rest one, not all that were missed', (t) =>
  accept(t, {
    config: `routes: [{to: [team], repeat: never}]
digests:
  all: {every: day, at: "14:00", timeZone: UTC, to: [desk], models: [credit-risk], evenIfWell: true}
  news: {every: day, at: "14:00", timeZone: UTC, to: [team], models: [credit-risk]}`,
    channels: ['team', 'desk'],
    step: '30m',
    inputs: [at('0s', windows('credit-risk', '240h')), at('50h', rests('120h')), at('170h', restarts)],
    wanted: [
      told('desk', '2h', 'digest credit-risk', /all is well, day to 2026-01-05/),
      told('desk', '26h', 'digest credit-risk', /all is well, day to 2026-01-06/),
      told('desk', '170h', 'digest credit-risk', /all is well, day to 2026-01-12/),
      told('desk', '194h', 'digest credit-risk', /all is well/),
    ],
    until: '200h',
  }))

test('two digests of a day are both told, and those of several models one a look', (t) =>
  accept(t, {
    config: `routes: [{to: [team], repeat: never}]
digests:
  noon: {every: day, at: "12:00", timeZone: UTC, to: [desk], evenIfWell: true}
  night: {every: day, at: "20:00", timeZone: UTC, to: [desk], models: [credit-risk], evenIfWell: true}`,
    channels: ['team', 'desk'],
    step: '1h',
    inputs: [at('0s', windows('credit-risk', '48h'))],
    wanted: [
      told('desk', '8h', 'digest credit-risk'),
      told('desk', '24h', 'digest credit-risk'),
      told('desk', '25h', 'digest churn'),
      told('desk', '32h', 'digest credit-risk'),
    ],
    until: '40h',
  }))
