// What the web UI is shown in these tests: a daemon in a process of its own that reads real Kafka. Houses in California, whose model
// degrades and waits for an approval, and whose new places were accepted as normal; wines that are not those the model learnt from;
// bicycles, whose demand is another one in winter; incomes, where nothing happens; a model whose every string is markup; one that has
// never seen an event. Some have been told by mail and webhook, one channel is out of order, people have had their say.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instant, Millis } from '../../src/time.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { tokenOf } from '../build/http.ts'
import { standInSettings, startStandIn } from '../build/orchestrator.ts'
import { certificate, mailServer, receiver } from '../build/receivers.ts'
import type { Serving } from '../build/serve.ts'
import { kill, serve, until } from '../build/serve.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress } from '../kafka/needs-kafka.ts'
import type { TestRecord } from './rows.ts'
import {
  broken,
  csvOf,
  eventsOf,
  markup,
  markupMapping,
  markupProduction,
  markupReference,
  readMoved,
  unreadable,
  withIncomes,
} from './rows.ts'

const root = join(import.meta.dirname, '..', '..')

/** The rows, and how far they have come when the world begins. */
function readSets() {
  const data = (name: string) => join(root, 'test', 'data', `${name}-`)
  const houses = readMoved(join(root, 'examples', 'california', '/'), { stepMs: DAY, until: Date.UTC(2021, 10, 15) })
  return {
    houses: { ...houses, reference: withIncomes(houses.reference), production: withIncomes(houses.production) },
    wines: readMoved(data('wine'), { stepMs: HOUR, until: Date.UTC(2026, 1, 4, 9, 38) }),
    incomes: readMoved(data('adult'), { stepMs: DAY, until: Date.UTC(2026, 1, 12, 7, 20) }),
    bicycles: readMoved(data('bike-rental'), { stepMs: DAY, until: Date.UTC(2011, 10, 25) }),
  }
}
type Sets = ReturnType<typeof readSets>
const sources = ['houses', 'wines', 'incomes', 'bicycles', 'strange', 'silent'] as const
type Topics = Readonly<Record<(typeof sources)[number], string>>

/** Who holds the tokens. */
export const people = { viewer: 'vera', operator: 'omar', approver: 'ann' } as const

export type World = Awaited<ReturnType<typeof startWorld>>

interface Listed {
  readonly id: string
  readonly model: string
  readonly kind: string
  readonly state: string
}

interface Counterparts {
  readonly hook: string
  readonly broken: string
  readonly runs: string
  readonly mailPort: number
}

function configuration(topics: Topics, { hook, broken, runs, mailPort }: Counterparts, withMarkup: boolean): string {
  const run = (rest: object) => JSON.stringify({ ...standInSettings(runs, 'A'), ...rest })
  const source = (topic: string, events: string) =>
    `{type: kafka, brokers: ["${kafkaAddress}"], topics: ["${topic}"], events: ${events}, idleTimeout: 1s}`
  const scored = '{id: id, time: time, score: score, prediction: prediction, label: label, labelTime: label_time}'
  const valued = '{id: id, time: time, prediction: prediction, label: label, labelTime: label_time}'
  const markupModel = `
  ${JSON.stringify(markup.model)}:
    source: strange
    task: binary
    positiveClass: bad
    reference: {file: strange.jsonl, events: ${markupMapping}}
    segments: [kind]
    windows: [{size: 6h, slide: 1h}, {size: 1h, slide: 1h}]
    noData: off
    staleLabels: off`
  return `apiVersion: leeway/v1
network: {allow: [127.0.0.1, localhost]}
sources:
  houses: ${source(topics.houses, 'canonical')}
  wines: ${source(topics.wines, 'canonical')}
  incomes: ${source(topics.incomes, 'canonical')}
  bicycles: ${source(topics.bicycles, 'canonical')}${withMarkup ? `\n  strange: ${source(topics.strange, markupMapping)}` : ''}
  silent: ${source(topics.silent, 'canonical')}
models:
  california:
    source: houses
    task: binary
    positiveClass: "1"
    reference: {file: houses.csv, events: ${scored.replace('}', ', segments: [income]}')}}
    segments: [income]
    windows: [{size: 90d, slide: 1d}]
    labels: {horizon: 45d}
    performance:
      metrics: [roc_auc, average_precision, accuracy, f1, log_loss, brier]
      alarm: {roc_auc: {drop: 0.03}}
    noData: off
    staleLabels: off
  wine:
    source: wines
    task: binary
    positiveClass: "1"
    reference: {file: wines.csv, events: ${scored}}
    windows: [{size: 6h, slide: 1h}]
    labels: {horizon: 2d}
    noData: off
    staleLabels: off
  adult:
    source: incomes
    task: binary
    positiveClass: "1"
    reference: {file: incomes.csv, events: ${scored}}
    segments: [sex, workclass]
    windows: [{size: 6h, slide: 1h}, {size: 1d, slide: 1h}]
    labels: {horizon: 8d}
    noData: off
    staleLabels: off
  bike-rental:
    source: bicycles
    task: regression
    reference: {file: bicycles.csv, events: ${valued}}
    columns: {season: categorical, holiday: categorical, weekday: categorical, workingday: categorical}
    windows: [{size: 7d, slide: 1d}]
    labels: {horizon: 2d}
    noData: off
    staleLabels: off${withMarkup ? markupModel : ''}
  not-yet-live:
    source: silent
    task: regression
    reference: {first: 7d}
    windows: [{size: 1d, slide: 1h}]
    noData: off
channels:
  ml-team: {type: webhook, url: "${hook}", secretFile: secret}
  letters: {type: email, host: 127.0.0.1, port: ${mailPort}, plainText: true, user: leeway, passwordFile: password, from: leeway@example.org, to: [team@example.org]}
  out-of-order: {type: webhook, url: "${broken}", secretFile: secret}
routes:
  - {to: [ml-team, letters]}
  - {match: {severity: critical}, to: [out-of-order]}
retraining:
  california: ${run({ on: ['performance'], approval: 'required' })}
  adult: ${run({ on: ['performance'], approval: 'none', minNewLabels: 0, promote: false })}
`
}

/** @param heldBackMs of the houses: what a test sends while somebody looks */
function recordsOf(sets: Sets, heldBackMs: Millis): Readonly<Record<keyof Sets, TestRecord[]>> {
  const told = (set: keyof Sets, model: string, version: string, untilMs = sets[set].nowMs) =>
    eventsOf(sets[set].production, { model, version, until: untilMs })
  return {
    houses: told('houses', 'california', '7', sets.houses.nowMs - heldBackMs),
    wines: told('wines', 'wine', '3'),
    incomes: told('incomes', 'adult', '12'),
    bicycles: told('bicycles', 'bike-rental', '2'),
  }
}

async function startCounterparts() {
  const hook = await receiver((_, response) => void response.writeHead(200).end('ok'))
  const broken = await receiver((_, response) => void response.writeHead(503).end('down for repair'))
  const mail = await mailServer(certificate(), { withoutTls: true })
  const runs = await startStandIn({ receiver: 'A' })
  return {
    urls: { hook: hook.url, broken: broken.url, runs: runs.url, mailPort: mail.port },
    received: hook.received,
    mails: mail.mails,
    runs,
    close: async () => void (await Promise.all([hook.close(), broken.close(), mail.close(), runs.close()])),
  }
}

/**
 * Starts it, and waits until all of it has happened.
 *
 * @param withMarkup whether the model is there whose every string is markup; it would spoil a picture
 */
export async function startWorld({ withMarkup = true } = {}) {
  const broker = kafkaAddress as string
  const topics = Object.fromEntries(sources.map((of) => [of, `ui-${of}-${process.pid}-${Date.now()}`])) as Topics
  await createTopics(
    broker,
    Object.values(topics).map((topic) => ({ topic, partitions: 1 })),
  )
  const sets = readSets()
  const heldBackMs = withMarkup ? 3 * DAY : 0
  const records = { ...recordsOf(sets, heldBackMs), strange: [...markupProduction(), ...unreadable], silent: broken }
  for (const [name, events] of Object.entries(records)) await produce(broker, topics[name as keyof Topics], events)

  const counterparts = await startCounterparts()
  try {
    return await begin({ sets, topics, counterparts, withMarkup, heldBackMs })
  } catch (error) {
    // What still listens would keep a failed test from ending.
    await counterparts.close()
    throw error
  }
}

interface Beginning {
  readonly sets: Sets
  readonly topics: Topics
  readonly counterparts: Awaited<ReturnType<typeof startCounterparts>>
  readonly withMarkup: boolean
  readonly heldBackMs: Millis
}

async function begin({ sets, topics, counterparts, withMarkup, heldBackMs }: Beginning) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-world-'))
  const files = {
    'leeway.yaml': configuration(topics, counterparts.urls, withMarkup),
    ...Object.fromEntries(Object.entries(sets).map(([name, { reference }]) => [`${name}.csv`, csvOf(reference)])),
    'strange.jsonl': markupReference(),
    secret: `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`,
    password: 'right',
    'tokens.yaml': (['viewer', 'operator', 'approver'] as const)
      .map((role) => `- {name: ${people[role]}, role: ${role}, token: ${tokenOf[role]}}\n`)
      .join(''),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { mode: 0o600 })
  const serving = await serve({
    config: join(folder, 'leeway.yaml'),
    state: join(folder, 'state'),
    env: { LEEWAY_TOKENS_FILE: join(folder, 'tokens.yaml') },
  })
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${serving.address}/api/v1/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${tokenOf.approver}`, 'content-type': 'application/json' },
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }
  const incidentOf = (model: string, kind: string, state = 'firing') =>
    until(serving, () => firstIncident(ask, { model, kind, state }), `the incident ${kind} of ${model}`)
  const { from, to } = { from: sets.houses.nowMs - heldBackMs, to: sets.houses.nowMs }
  const world = {
    ...counterparts,
    serving,
    folder,
    address: serving.address,
    /** Reads the API, or does something by it, as the approver. */
    ask,
    incidentOf,
    /** What a page keeps when somebody has signed in. */
    session: (role: keyof typeof people) => ({ 'leeway-token': tokenOf[role] }),
    /** What came of the houses in the last days, which had been held back. */
    sendMoreHouses: () =>
      produce(
        kafkaAddress as string,
        topics.houses,
        eventsOf(sets.houses.production, { model: 'california', version: '7', from, until: to }),
      ),
    async close() {
      await kill(serving, 'SIGTERM')
      await counterparts.close()
      rmSync(folder, { recursive: true })
    },
  }
  await happen(world, { withMarkup, housesUntil: sets.houses.nowMs })
  return world
}

type Ask = <T>(path: string, body?: object) => Promise<T>

async function firstIncident(ask: Ask, of: Readonly<Record<string, string>>): Promise<Listed | undefined> {
  return (await ask<{ incidents: Listed[] }>(`incidents?${new URLSearchParams(of)}`)).incidents[0]
}

interface Acting {
  readonly ask: Ask
  readonly serving: Serving
  readonly runs: Awaited<ReturnType<typeof startStandIn>>
  readonly incidentOf: (model: string, kind: string, state?: string) => Promise<Listed>
}

/** What people have done before anybody looks. */
async function happen(
  { ask, incidentOf, serving, runs }: Acting,
  { withMarkup, housesUntil }: { readonly withMarkup: boolean; readonly housesUntil: Instant },
): Promise<void> {
  // Whoever accepts as normal what has been half read is shown half of it.
  const isRead = async () => {
    const { sources } = await ask<{ sources: Array<{ lag: number | null }> }>('system')
    return sources.every(({ lag }) => lag === 0) || undefined
  }
  await until(serving, isRead, 'everything to be read')
  const performance = await incidentOf('california', 'performance')
  const places = await incidentOf('california', 'quality')
  const from = new Date(housesUntil - 83 * DAY).toISOString()
  await ask(`incidents/${places.id}/accept`, { note: 'we serve new places', from })
  await ask(`incidents/${performance.id}/acknowledge`, {})
  await ask(`incidents/${performance.id}/assign`, { to: 'maria' })
  await ask(`incidents/${performance.id}/comments`, { text: 'The north is new to this model.' })
  const wine = await incidentOf('wine', 'drift')
  await ask(`incidents/${wine.id}/snooze`, { until: new Date(Date.now() + 4 * HOUR).toISOString() })
  if (withMarkup) {
    const strange = await incidentOf(markup.model, 'drift')
    await ask(`incidents/${strange.id}/comments`, { text: markup.comment })
  }
  const requestOf = async (model: string) =>
    (await ask<{ requests: Array<{ model: string; state: string }> }>(`retraining?model=${model}`)).requests[0]
  await until(
    serving,
    async () => (await requestOf('california'))?.state === 'awaiting approval' || undefined,
    'a request that awaits approval',
  )
  await ask('models/adult/retraining', { because: 'the first of the month' })
  await until(serving, async () => runs.runs.length > 0 || undefined, 'a run')
  runs.finish(runs.runs[0]?.id as string, 'succeeded', { version: '14' })
  await until(serving, async () => (await requestOf('adult'))?.state === 'succeeded' || undefined, 'its success')
  const isFilled = async () => !(await ask<{ isFilling: boolean }>('fleet')).isFilling || undefined
  await until(serving, isFilled, 'the fleet to know everything')
}
