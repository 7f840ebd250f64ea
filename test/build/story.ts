// The whole story on the California data over real Kafka: a model degrades, people hear of it, somebody says yes, a run makes a new
// model, which becomes what production is compared with, and shows that it is good.
//
// The data has a year of rows. Those up to the incident are produced first; after the run the rows of the last months follow, in which
// the model is right again, in a mixed order and moved up to where the first ended.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createEmailSender } from '../../src/delivery/channels/email/sender.ts'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import { Secret } from '../../src/secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress } from '../kafka/needs-kafka.ts'
import { ask, tokenOf } from './http.ts'
import { seeded } from './random.ts'
import { certificate, mailServer, toThisMachine } from './receivers.ts'
import { slackServer } from './slack.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'california')
const HOUR = 3_600_000
const DAY = 24 * HOUR
const FEATURES = ['MedInc', 'HouseAge', 'AveRooms', 'AveBedrms', 'Population', 'AveOccup', 'Latitude', 'Longitude']
const columns = `{id: id, time: time, features: [${FEATURES.join(', ')}], score: score, prediction: prediction, label: label, labelTime: label_time}`
/** Up to here the model degrades; from there on it is right again. */
const DEGRADED_UNTIL = Date.UTC(2021, 8, 26)
const NEW_PLACES = '2021-08-24T00:00:00Z'
const GOOD_FROM = Date.UTC(2022, 0, 18)

/** The orchestrator: a stand-in, or a real one. */
export interface Airflow {
  readonly url: string
  readonly dag: string
  readonly user: string
  readonly password: string
  /** Lets runs that wait come to their end, and tells how many have been made. */
  runs(): Promise<number>
}

interface Row {
  readonly id: string
  readonly time: number
  readonly features: Record<string, number>
  readonly score: number
  readonly prediction: string
  readonly label: string
  readonly labelTime: number
}

function readRows(): Row[] {
  const [head = '', ...lines] = gunzipSync(readFileSync(join(example, 'production.csv.gz')))
    .toString()
    .trim()
    .split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const cells = Object.fromEntries(line.split(',').map((cell, i) => [names[i] as string, cell]))
    return {
      id: cells['id'] as string,
      time: Date.parse(cells['time'] as string),
      features: Object.fromEntries(FEATURES.map((name) => [name, Number(cells[name])])),
      score: Number(cells['score']),
      prediction: cells['prediction'] as string,
      label: cells['label'] as string,
      labelTime: Date.parse(cells['label_time'] as string),
    }
  })
}

/** The same rows in another order, at the same times: some of these months are easier than others, and a new model meets them all. */
function mixed(rows: readonly Row[]): Row[] {
  const random = seeded(1)
  const order = rows.map((row) => ({ row, at: random() })).sort((a, b) => a.at - b.at)
  return rows.map(({ time, labelTime }, i) => ({ ...(order[i]?.row as Row), time, labelTime }))
}

/** Predictions, and their labels at their time, in the order in which they come. */
function eventsOf(rows: readonly Row[]): Array<{ partition: number; value: string }> {
  const events = rows.flatMap(({ label, labelTime, features, ...row }) => {
    const prediction = {
      type: 'prediction',
      model: 'california',
      ...row,
      time: new Date(row.time).toISOString(),
      features,
    }
    const truth = { type: 'label', model: 'california', id: row.id, time: new Date(labelTime).toISOString(), label }
    return [
      { at: row.time, event: prediction },
      { at: labelTime, event: truth },
    ]
  })
  return events.sort((a, b) => a.at - b.at).map(({ event }) => ({ partition: 0, value: JSON.stringify(event) }))
}

function configuration(topic: string, airflow: Airflow): string {
  return `apiVersion: leeway/v1
network: {allow: [127.0.0.1, localhost]}
sources:
  production: {type: kafka, brokers: ["${kafkaAddress}"], topics: ["${topic}"], events: canonical, idleTimeout: 1s}
models:
  california:
    source: production
    task: binary
    positiveClass: "1"
    reference: {file: "${join(example, 'reference.csv.gz')}", events: ${columns}}
    windows: [{size: 90d, slide: 1d}]
    labels: {horizon: 45d}
    performance:
      metrics: [roc_auc, average_precision, accuracy, f1, log_loss, brier]
      alarm: {roc_auc: {drop: 0.03}}
channels:
  chat: {type: slack, tokenFile: slack-token, channel: "#ml-alerts"}
  mail: {type: email, host: localhost, port: 25, from: leeway@example.org, to: [team@example.org]}
routes:
  - {to: [chat, mail]}
retraining:
  california:
    target: airflow
    url: "${airflow.url}"
    dag: ${airflow.dag}
    user: ${airflow.user}
    passwordFile: airflow-password
    on: [performance]
    approval: required
    every: 1s
    verify: {windows: 6}
`
}

async function started(t: TestContext, airflow: Airflow) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-story-'))
  const topic = `story-${process.pid}-${Date.now()}`
  const files = {
    'leeway.yaml': configuration(topic, airflow),
    'slack-token': 'xoxb-canary-token',
    'airflow-password': airflow.password,
    'tokens.yaml': `- {name: ann, role: approver, token: ${tokenOf.approver}}\n`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  await createTopics(kafkaAddress as string, [{ topic, partitions: 1 }])
  const tls = certificate()
  const [slack, mail] = [await slackServer(), await mailServer(tls)]
  const lines: string[] = []
  const config = join(folder, 'leeway.yaml')
  const daemon = await startDaemon({
    document: loadDocument(config),
    settings: loadSettings({
      env: {},
      flags: { config, stateDir: join(folder, 'state'), port: 0, tokensFile: join(folder, 'tokens.yaml') },
    }),
    log: createLog('info', { write: (line: string) => void lines.push(line) }),
    version: 'test',
    write() {},
    mode: 'live',
    deliver: true,
    // The channels of the document, at the addresses of this machine.
    extraSenders: new Map([
      [
        'chat',
        createSlackSender('chat', {
          token: () => new Secret('xoxb-canary-token'),
          channel: '#ml-alerts',
          outbound: toThisMachine,
          apiUrl: slack.apiUrl,
        }),
      ],
      [
        'mail',
        createEmailSender('mail', {
          ...{ host: 'localhost', port: mail.port, secure: false, plainText: false, ca: tls.cert },
          login: { user: 'leeway', password: () => new Secret('right') },
          outbound: toThisMachine,
          from: 'leeway@example.org',
          to: ['team@example.org'],
        }),
      ],
    ]),
  })
  const address = await daemon.serveHttp()
  const running = daemon.run()
  t.after(async () => {
    await daemon.stop()
    await running
    await Promise.all([slack.close(), mail.close()])
    rmSync(folder, { recursive: true })
    if (t.passed) return
    console.error(`the end of the log:\n${lines.slice(-40).join('')}`)
    console.error(`mails:\n${mail.mails.map(({ subject }) => subject).join('\n')}`)
    console.error(`Slack:\n${slack.messages.map(({ form }) => form.get('text')).join('\n')}`)
  })
  const port = Number(new URL(address).port)
  const get = async <T>(path: string) => JSON.parse((await ask(port, `/api/v1/${path}`)).text) as T
  const post = (path: string, body: object) =>
    ask(port, `/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf.approver}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const send = (rows: readonly Row[]) => produce(kafkaAddress as string, topic, eventsOf(rows))
  return { slack, mail, get, post, send }
}

/** Asks until there is an answer. */
async function until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

interface Incident {
  readonly id: string
  readonly kind: string
  readonly state: string
}
interface Retraining {
  readonly id: string
  readonly state: string
  readonly outcome: {
    readonly promotion: { readonly is: string } | null
    readonly verification: { readonly is: string }
  } | null
}
interface Audited {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly detail: string
}
interface Made {
  readonly kind: string
  readonly by: string
  readonly source: string
  readonly rows: number
}

/** Tells the story, and holds each chapter to what it must be. @returns the trail it leaves, one line each */
export async function story(t: TestContext, airflow: Airflow): Promise<string[]> {
  const { slack, mail, get, post, send } = await started(t, airflow)
  const all = readRows()
  const degrading = all.filter(({ time }) => time < DEGRADED_UNTIL)
  const moved = GOOD_FROM - DEGRADED_UNTIL
  const good = mixed(all.filter(({ time }) => time >= GOOD_FROM)).map((row) => {
    return { ...row, time: row.time - moved, labelTime: row.labelTime - moved }
  })

  // California degrades: houses come from places that the reference has not seen, and the model is wrong about them. People hear of
  // the data first, for bad data explains the rest; and no run is to learn from it.
  await send(degrading)
  const incidents = async (kind: string, state: string) =>
    (await get<{ incidents: Incident[] }>(`incidents?kind=${kind}&state=${state}`)).incidents[0]
  const incident = await until('the incident', () => incidents('performance', 'firing'))
  const places = await until('the incident about the data', () => incidents('quality', 'firing'))
  const isTold = (what: RegExp) =>
    mail.mails.some(({ subject }) => what.test(subject ?? '')) &&
    slack.messages.some(({ form }) => what.test(form.get('text') ?? ''))
  await until('both channels to tell of the data', async () => isTold(/california: .*Latitude/))
  const gated = async () => (await get<{ requests: Retraining[] }>('retraining?model=california')).requests[0]
  await until('the gate', async () => (await gated())?.state === 'gated')

  // The houses are real: that is normal from now on. What the model makes of them is not.
  const accepted = await post(`incidents/${places.id}/accept`, { note: 'we serve new places', from: NEW_PLACES })
  assert.equal(accepted.status, 200, accepted.text)
  assert.equal((await get<{ incident: Incident }>(`incidents/${places.id}`)).incident.state, 'resolved')
  await until('both channels to tell of it', async () => isTold(/data quality: accepted as the new normal by ann/))
  assert.equal((await get<{ incident: Incident }>(`incidents/${incident.id}`)).incident.state, 'firing')

  // Nothing runs before somebody says yes.
  const waiting = await until('a request', async () => {
    const request = await gated()
    return request?.state === 'awaiting approval' && request
  })
  await until(
    'both channels to ask',
    async () => isTold(/california: retraining awaits approval/) && isTold(/california: still ROC AUC/),
  )
  assert.equal(await airflow.runs(), 0)
  assert.equal((await post(`retraining/${waiting.id}/approve`, {})).status, 200)
  const request = async () => (await get<{ request: Retraining }>(`retraining/${waiting.id}`)).request
  await until('the run', async () => (await airflow.runs()) > 0)
  await until('its success', async () => (await request()).state === 'succeeded', 180_000)

  // The new model's own rows become what it is compared with.
  const month = DEGRADED_UNTIL + 40 * DAY
  await send(good.filter(({ time }) => time < month))
  await until('the new reference', async () => (await request()).outcome?.promotion?.is === 'done')
  const { history } = await get<{ history: Made[] }>('references')
  assert.deepEqual([history[0]?.kind, history[0]?.by], ['promoted', 'retraining'])
  assert.equal((await get<{ incident: Incident }>(`incidents/${incident.id}`)).incident.state, 'firing')

  // Performance has recovered, and the incident is over by evidence.
  await send(good.filter(({ time }) => time >= month))
  await until('the recovery', async () => (await request()).outcome?.verification.is === 'recovered')
  await until(
    'the end',
    async () => (await get<{ incident: Incident }>(`incidents/${incident.id}`)).incident.state === 'resolved',
  )
  await until('the end to be told', async () =>
    mail.mails.some(({ subject }) => /resolved|back|over/i.test(subject ?? '')),
  )
  assert.equal(await airflow.runs(), 1)
  return trailOf(get, incident.id, waiting.id)
}

type Get = <T>(path: string) => Promise<T>

async function trailOf(get: Get, incident: string, request: string): Promise<string[]> {
  const { transitions } = await get<{ transitions: Array<{ at: string; change: string; because: string }> }>(
    `incidents/${incident}`,
  )
  const { history } = await get<{ history: Array<{ at: string; change: string; by: string; because: string }> }>(
    `retraining/${request}`,
  )
  const { audit } = await get<{ audit: Audited[] }>('audit?limit=1000')
  return [
    ...transitions.map(({ at, change, because }) => `incident ${at} ${change}: ${because}`),
    ...history.map(({ at, change, by, because }) => `retraining ${at} ${change} by ${by}: ${because}`),
    ...audit
      .toReversed()
      .map(({ at, actor, action, outcome, detail }) => `audit ${at} ${actor} ${action} ${outcome}: ${detail}`),
  ]
}
