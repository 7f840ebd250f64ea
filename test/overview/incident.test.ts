// One incident as its page shows it: the real store, desk and drain behind it, on a clock of the test's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { incidentOverviewRoutes } from '../../src/assembly/incident-overview.ts'
import type { Principal } from '../../src/http/role.ts'
import type { ReadRoute } from '../../src/http/route.ts'
import { Tokens } from '../../src/http/tokens.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import type { IncidentOverview } from '../../src/overview/incident.ts'
import { newRequest, step } from '../../src/retraining/request.ts'
import type { RetrainingRule } from '../../src/retraining/rule.ts'
import type { Instant } from '../../src/time.ts'
import type { Stage } from '../build/acceptance.ts'
import {
  accept,
  acknowledges,
  at,
  comments,
  endsSilence,
  fires,
  resolves,
  START,
  silences,
  snoozes,
  told,
} from '../build/acceptance.ts'
import { AT, aucEvidence } from '../build/messages.ts'
import { windowResult } from '../build/metrics.ts'
import { rule } from '../retraining/requests.ts'
import { changes } from '../store/changes.ts'

const anna: Principal = { name: 'anna', role: 'operator' }
const carla: Principal = { name: 'carla', role: 'approver' }

async function overviewOf(
  stage: Stage,
  id: string,
  {
    by = anna as Principal | null,
    hasTokens = true,
    rules = new Map<string, RetrainingRule>(),
    present = undefined as Instant | undefined,
  } = {},
): Promise<IncidentOverview> {
  const [route] = incidentOverviewRoutes({
    store: stage.store,
    pipeline: () => ({ models: () => [] }),
    handling: {
      quiet: (incident, state, now) => stage.desk.quiet(incident, state, stage.desk.look(now), now),
      clock: () => stage.now,
    },
    retraining: { rules: () => rules },
    tokens: { current: hasTokens ? new Tokens([]) : undefined },
    fleet: { present: async () => () => present },
  })
  const answer = await (route as ReadRoute).handle({ path: '', parameters: { id }, query: {}, mayRead: true, by })
  return (answer as { json: unknown }).json as IncidentOverview
}

const never = 'routes: [{to: [team], repeat: never}]'
const lines = ({ timeLine }: IncidentOverview) =>
  timeLine.map(
    ({ at: when, title, told: channels }) =>
      `${(Date.parse(when) - START) / 60_000}m ${title}${channels.map(({ channel, outcome }) => ` [${channel} ${outcome}]`).join('')}`,
  )

test('one time line tells verdicts, messages and what held them back, people and reminders, in their order', (t) =>
  accept(
    t,
    {
      config: 'routes: [{to: [team], repeat: 2h, escalate: {after: 3h, to: [on-call]}}]',
      step: '30m',
      inputs: [
        at('0s', silences('s', { kind: 'drift' }, '1h')),
        at('30m', fires('a')),
        at('7h', acknowledges('a', 'anna')),
        at('8h', comments('a', 'ben', '<b>the import</b> was late')),
        at('10h', resolves('a')),
      ],
      wanted: [
        told('team', '1h', 'firing a'),
        told('team', '3h', 'reminder a'),
        told('on-call', '4h', 'escalation a'),
        told('team', '5h', 'reminder a'),
        told('on-call', '6h', 'reminder a'),
        told('team', '7h', 'handled a'),
        told('on-call', '7h', 'handled a'),
        told('team', '8h', 'handled a'),
        told('on-call', '8h', 'handled a'),
        told('team', '10h', 'resolved a'),
        told('on-call', '10h', 'resolved a'),
      ],
      until: '11h',
    },
    async (stage) => {
      const page = await overviewOf(stage, 'a')
      assert.deepEqual(
        lines(page).map((line) => line.replace(/silence s\w+/, 'silence s')),
        [
          '0m anna silenced it until 2026-01-05T13:00:00Z: silence s (kind=drift)',
          '30m It fires [team suppressed]',
          '60m The silence s (kind=drift) has ended',
          '60m Told after it had been held back [team delivered]',
          '180m Reminder: nobody has acknowledged it [team delivered]',
          '240m Others are called in [on-call delivered]',
          '300m Reminder: nobody has acknowledged it [team delivered]',
          '360m Reminder: nobody has acknowledged it [on-call delivered]',
          '420m anna looks after it [on-call delivered] [team delivered]',
          '480m ben commented [on-call delivered] [team delivered]',
          '600m It is over [on-call delivered] [team delivered]',
        ],
      )
      assert.equal(page.timeLine.find(({ what }) => what === 'comment')?.text, '<b>the import</b> was late')
      assert.match(page.timeLine[1]?.told[0]?.because ?? '', /^silence s\w+ of anna \(kind=drift\): the play wants it$/)
      assert.equal(page.title, 'credit-risk 7: data drift is back to normal')
      assert.equal((await overviewOf(stage, 'a', { present: START })).until, page.at, 'what is over has ended')
      assert.deepEqual([page.primary, page.deeds.map(({ deed }) => deed)], ['comment', ['comment']])
    },
  ))

test('what holds messages back now is said, and who looks after it', (t) =>
  accept(
    t,
    {
      config: never,
      inputs: [at('0s', fires('a')), at('1m', snoozes('a', 'anna', '4h'))],
      wanted: [told('team', '0s', 'firing a'), told('team', '1m', 'handled a')],
      until: '2m',
    },
    async (stage) => {
      const { care } = await overviewOf(stage, 'a')
      assert.deepEqual(
        [care.snoozedBy, care.snoozedUntil, care.quiet],
        ['anna', '2026-01-05T16:01:00Z', 'snoozed by anna'],
      )
    },
  ))

test('a silence that has ended, and one that is about other incidents, hold nothing back', (t) =>
  accept(
    t,
    {
      config: never,
      inputs: [
        at('0s', silences('s', { kind: 'quality' }, '9h')),
        at('0s', fires('a')),
        at('1m', silences('own', { feature: 'income' }, '9h')),
        at('2m', endsSilence('own')),
      ],
      wanted: [told('team', '0s', 'firing a')],
      until: '3m',
    },
    async (stage) => {
      const page = await overviewOf(stage, 'a')
      assert.equal(page.care.quiet, null)
      assert.deepEqual(
        page.timeLine.filter(({ kind }) => kind === 'silence').map(({ what, by }) => [what, by]),
        [
          ['begun', 'anna'],
          ['ended', 'anna'],
        ],
      )
    },
  ))

test('each caller is told what they can do, and what the rest would take', (t) =>
  accept(
    t,
    { config: never, inputs: [at('0s', fires('a'))], wanted: [told('team', '0s', 'firing a')], until: '1m' },
    async (stage) => {
      const rules = new Map([['credit-risk', rule({ model: 'credit-risk', approval: { is: 'required' } })]])
      const offers = async (by: Principal | null, hasTokens = true) =>
        Object.fromEntries((await overviewOf(stage, 'a', { by, hasTokens, rules })).deeds.map((one) => [one.deed, one]))
      const operator = await offers(anna)
      assert.deepEqual(Object.keys(operator), [
        'request run',
        'acknowledge',
        'assign',
        'comment',
        'snooze',
        'silence',
        'accept',
      ])
      assert.equal(operator['acknowledge']?.refusal, null)
      assert.equal(
        operator['acknowledge']?.does,
        'You look after it: no more reminders, and nobody else is called in. Told on team.',
      )
      assert.equal(operator['accept']?.refusal, 'this needs the role approver; the token of anna has the role operator')
      assert.equal((await offers(carla))['accept']?.refusal, null)
      assert.match((await offers(null))['acknowledge']?.refusal ?? '', /^this needs the token of an operator/)
      assert.match((await offers(null, false))['acknowledge']?.refusal ?? '', /no tokens are configured/)
    },
  ))

test('a request that awaits a yes is what the page is about once somebody is on it; its story is in the time line', (t) =>
  accept(
    t,
    {
      config: never,
      inputs: [at('0s', fires('a')), at('1m', acknowledges('a', 'anna'))],
      wanted: [told('team', '0s', 'firing a'), told('team', '1m', 'handled a')],
      until: '2m',
    },
    async (stage) => {
      const { incident } = stage.store.views.incident('a') ?? assert.fail()
      const asked = newRequest(
        { id: 'a', model: 'credit-risk', version: '7', target: 'webhook', cause: { is: 'incident', incident } },
        START,
      )
      stage.store.retraining.ask([{ request: asked, at: START, audit: null }], null)
      const gate = { gate: 'new labels', passes: true, because: '900 labels have come since', until: null } as const
      const next = step(asked, 'awaiting approval', {
        ...{ at: START + 60_000, because: 'somebody with the role approver must say yes', state: 'awaiting approval' },
        gates: [gate],
      })
      stage.store.retraining.decide({
        ...{ request: next.request, before: asked.sequence, audit: null, notifications: [] },
        change: { what: next.change, because: next.because, actor: '', at: START + 60_000 },
      })
      const rules = new Map([['credit-risk', rule({ model: 'credit-risk', approval: { is: 'required' } })]])
      const page = await overviewOf(stage, 'a', { by: carla, rules })
      assert.equal(page.primary, 'approve')
      const approve = page.deeds.find(({ deed }) => deed === 'approve')
      assert.deepEqual(
        [approve?.path, approve?.isCostly, approve?.needs],
        ['api/v1/retraining/a/approve', true, 'approver'],
      )
      assert.match(approve?.does ?? '', /^The orchestrator \(webhook\) is asked to retrain credit-risk, at once\./)
      assert.deepEqual(
        page.retraining.map(({ state, cause }) => [state, cause]),
        [['awaiting approval', 'drift incident a fires']],
      )
      assert.deepEqual(
        page.timeLine.filter(({ kind }) => kind === 'retraining').map(({ title, text }) => [title, text]),
        [
          ['Retraining: asked', 'drift incident a fires'],
          ['Retraining awaits approval', 'somebody with the role approver must say yes'],
        ],
      )
      assert.equal(
        page.deeds.some(({ deed }) => deed === 'request run'),
        false,
      )
    },
  ))

test('evidence is told in the words of the messages, and bad data of the same window is the first cause', (t) =>
  accept(
    t,
    {
      config: never,
      inputs: [
        at('0s', fires('w', { kind: 'performance', evidence: [aucEvidence], features: ['income'] })),
        at('0s', (stage) => {
          const verdict = {
            ...{ status: 'alarm', effect: 0, pValue: 1e-9, low: null, high: null, reference: null, calibrated: true },
            ...{ severe: false, holds: [], matters: true, clear: false },
          } as const satisfies Partial<Judged>
          const of = (
            kind: 'drift' | 'quality',
            feature: string,
            metric: string,
            value: number,
            threshold: number,
          ) => ({
            ...verdict,
            ...{ monitor: `${kind}/${metric}/${feature}`, kind, feature, metric, value, threshold },
          })
          stage.store.commit(
            changes({
              results: [
                windowResult({
                  ...{ model: 'credit-risk', version: '7', window: '1d', start: AT - 86_400_000, end: AT },
                  verdicts: [
                    of('drift', 'job', 'js', 0.2, 0.1),
                    of('drift', 'income', 'psi', 0.9, 0.2),
                    of('quality', 'income', 'missing_ratio', 0.12, 0.03),
                  ],
                }),
              ],
            }),
          )
        }),
      ],
      wanted: [told('team', '0s', 'firing w')],
      until: '1m',
    },
    async (stage) => {
      const page = await overviewOf(stage, 'w')
      assert.equal(page.title, 'credit-risk 7: ROC AUC 0.908 → 0.842 (0.812–0.867)')
      assert.equal(page.evidence[0]?.text, 'ROC AUC 0.842 (0.812–0.867), reference 0.908 (alarm under 0.878)')
      assert.equal(page.evidence[0]?.p, 'p = 3e-7')
      assert.match(page.paragraphs.join(' '), /Judged on 4,210 labelled of 5,210 rows in the window of 1d/)
      assert.deepEqual(
        page.causes.map(({ kind, text, weight }) => [kind, text, weight && Math.round(weight * 10) / 10]),
        [
          ['data quality', 'income: 12 % missing values, reference 0 % (alarm from 3 %)', 4],
          ['drift', 'income: PSI 0.9 (alarm from 0.2)', 4.5],
          ['drift', 'job: Jensen-Shannon distance 0.2 (alarm from 0.1)', 2],
        ],
      )
    },
  ))

test('what fires stands before what is newer and over, and is found by a feature', (t) =>
  accept(
    t,
    {
      config: never,
      inputs: [
        at('0s', fires('old', { features: ['Income'] })),
        at('1h', fires('over', { features: ['job'] })),
        at('2h', resolves('over')),
      ],
      wanted: [
        told('team', '0s', 'firing old'),
        told('team', '1h', 'firing over'),
        told('team', '2h', 'resolved over'),
      ],
      until: '3h',
    },
    ({ store: { views } }) => {
      const ids = (query: object) => views.incidents({ limit: 10, ...query }).map(({ id }) => id)
      assert.deepEqual(ids({}), ['over', 'old'])
      assert.deepEqual(ids({ order: 'urgent' }), ['old', 'over'])
      assert.deepEqual([ids({ search: 'INC' }), ids({ search: "o'b%" })], [['old'], []])
    },
  ))
