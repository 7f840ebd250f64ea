// What comes with events is text wherever it is shown: no header, recipient, mention, link, element, escape sequence, log line or
// series of its own. Hundreds of strings go through the real senders to real receivers, and through everything that prints; what
// arrives is parsed again and compared with what a harmless name gives.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { RunRecord } from '../../src/cli/run-record.ts'
import { summaryText } from '../../src/cli/run-text.ts'
import { createAlertmanagerSender } from '../../src/delivery/channels/alertmanager.ts'
import { createConsoleSender } from '../../src/delivery/channels/console.ts'
import { createEmailSender } from '../../src/delivery/channels/email/sender.ts'
import { createGrafanaSender } from '../../src/delivery/channels/grafana.ts'
import { createPagerDutySender } from '../../src/delivery/channels/pagerduty.ts'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import { createTeamsSender } from '../../src/delivery/channels/teams.ts'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import { courseChart } from '../../src/delivery/charts/course-chart.ts'
import { distributionChart } from '../../src/delivery/charts/distribution-chart.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import { planDelivery } from '../../src/delivery/plan.ts'
import type { Sender } from '../../src/delivery/sender.ts'
import { jsonLine } from '../../src/delivery/text-safety.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import { Secret } from '../../src/secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { writeDrifting } from '../build/drifting.ts'
import { launched, runFor } from '../build/launching.ts'
import { AT, aucEvidence, incident, transition } from '../build/messages.ts'
import { driftVerdict, metricsSource, windowResult } from '../build/metrics.ts'
import type { Received } from '../build/receivers.ts'
import { certificate, mailServer, receiver, toThisMachine } from '../build/receivers.ts'
import { retrainingWebhook } from '../build/webhook-target.ts'
import { leeway } from '../cli/run.ts'
import { strings } from '../security/strings.ts'
import { proved } from './proof.ts'

const HARMLESS = 'income'
const secret = () => new Secret(`whsec_${Buffer.alloc(32, 9).toString('base64')}`)
const signal = AbortSignal.timeout(300_000)

/** Characters that no output may hold: control characters (but for the line breaks of the output itself), marks of direction. */
const forbidden = /(?!\n)[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u

/** An incident in which everything that events name is `name`. */
function incidentOf(name: string): Incident {
  const evidence = [
    { ...aucEvidence, kind: 'drift' as const, monitor: `drift/${name}`, feature: name, metric: 'psi' },
    {
      ...aucEvidence,
      kind: 'drift' as const,
      monitor: 'multivariate',
      feature: null,
      metric: 'correlation',
      pair: { features: [name, name] as const, current: 0.1, reference: 0.6 },
    },
  ]
  return incident({ model: 'm', version: name, kind: 'drift', features: [name, 'age'], evidence })
}

function messageOf(name: string): Notification {
  const told = transition({ incident: incidentOf(name), because: 'over the threshold' })
  const { notifications } = planDelivery(
    told,
    {
      routes: [{ model: null, kind: null, severity: null, to: ['team'] }],
      retraining: new Map(),
      publicUrl: 'https://leeway.example.org',
    },
    AT,
  )
  const [message] = notifications as [Notification]
  return message
}

/** The first by itself, the others eight at a time. */
async function sendAll(sender: Sender, row: (name: string) => Notification, all: readonly string[]): Promise<void> {
  const waiting = [...all]
  const sendNext = async () => {
    const name = waiting.shift()
    if (name === undefined) return
    const outcome = await sender.send(row(name), signal)
    assert.equal(outcome.result, 'delivered', `${JSON.stringify(name)}: ${JSON.stringify(outcome)}`)
  }
  await sendNext()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (waiting.length > 0) await sendNext()
    }),
  )
}

const names = [HARMLESS, ...strings]

test('there are at least 300 strings', () => {
  assert.ok(strings.length >= 300, String(strings.length))
})

interface SlackText {
  readonly type: string
  readonly text: string
}

test('Slack: no string becomes a mention, a link, a format or a block', async (t) => {
  const slack = await receiver(
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true,"ts":"1.2"}'),
  )
  t.after(() => slack.close())
  const apiUrl = `${new URL(slack.url).origin}/api/`
  const settings = { token: () => new Secret('xoxb-test-token'), channel: '#team', apiUrl, outbound: toThisMachine }
  await sendAll(createSlackSender('team', settings), messageOf, names)
  assert.equal(slack.received.length, names.length)
  const shapeOf = (body: string) => {
    const form = new URLSearchParams(body)
    const [{ blocks }] = JSON.parse(form.get('attachments') ?? '') as [
      { blocks: Array<{ type: string; text?: SlackText; fields?: SlackText[] }> },
    ]
    const texts = blocks.flatMap(({ text, fields }) => [...(text === undefined ? [] : [text]), ...(fields ?? [])])
    return {
      form,
      texts,
      shape: [
        [...form.keys()].sort(),
        blocks.map(({ type }) => type),
        texts.map(({ type }) => type),
        texts.map(({ text }) => text.split('\n').length),
      ],
    }
  }
  const harmless = shapeOf(slack.received[0]?.body ?? '')
  for (const { body } of slack.received) {
    const { form, texts, shape } = shapeOf(body)
    assert.equal(form.get('channel'), '#team')
    assert.deepEqual([form.get('parse'), form.get('mrkdwn'), form.get('link_names')], ['none', 'false', 'false'])
    assert.deepEqual(shape, harmless.shape, form.get('text') ?? '')
    for (const text of [form.get('text') ?? '', ...texts.map((one) => one.text)]) {
      // The one link is ours.
      const rest = text.replace('<https://leeway.example.org/ui/incidents/a41c9d3300000001|Open the incident>', '')
      assert.doesNotMatch(rest, /[<>]|&(?!amp;|lt;|gt;)/)
      assert.doesNotMatch(rest, forbidden)
      assert.ok(rest.length <= 3_000)
    }
  }
})

test('email: no string becomes a header, a recipient, an attachment, an element or a line', async (t) => {
  const tls = certificate()
  const mail = await mailServer(tls)
  t.after(() => mail.close())
  const settings = {
    host: 'localhost',
    port: mail.port,
    secure: false,
    plainText: false,
    login: { user: 'leeway', password: () => new Secret('right') },
    from: 'leeway@example.org',
    to: ['team@example.org'],
    outbound: toThisMachine,
    ca: tls.cert,
  }
  await sendAll(createEmailSender('team', settings), messageOf, names)
  assert.equal(mail.mails.length, names.length)
  assert.deepEqual(
    mail.recipients,
    names.map(() => ['team@example.org']),
  )
  const shapeOf = (parsed: (typeof mail.mails)[number]) => ({
    headers: parsed.headerLines.map(({ key }) => key),
    attachments: parsed.attachments.length,
    to: JSON.stringify(parsed.to),
    lines: parsed.text?.trimEnd().split('\n').length,
    elements: String(parsed.html).match(/<[^>]*>/g),
    quotes: String(parsed.html).match(/"/g)?.length,
  })
  const harmless = shapeOf(mail.mails[0] as (typeof mail.mails)[number])
  for (const parsed of mail.mails) {
    assert.deepEqual(shapeOf(parsed), harmless, parsed.subject ?? '')
    for (const text of [parsed.subject, parsed.text, String(parsed.html)]) assert.doesNotMatch(text ?? '', forbidden)
  }
})

/** What a sender gives a receiver that answers like this, for each name. */
async function bodiesOf(
  t: TestContext,
  answer: (request: Received) => object,
  make: (url: string) => Sender,
): Promise<string[]> {
  const target = await receiver(
    (request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(request))),
  )
  t.after(() => target.close())
  await sendAll(make(new URL(target.url).origin), messageOf, names)
  return target.received.filter(({ method }) => method === 'POST').map(({ body }) => body)
}

/** Every text of a value, and its shape with the texts left out. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]))
}

const severities = { critical: 'critical', alarm: 'error', warning: 'warning' } as const

test('PagerDuty, Teams and Alertmanager: every string is a text in its place, without anything that cannot be seen', async (t) => {
  const common = { outbound: toThisMachine }
  const makers: ReadonlyArray<readonly [answer: object, make: (url: string) => Sender]> = [
    [{ status: 'success' }, (url) => createPagerDutySender('team', { ...common, url, routingKey: secret, severities })],
    [{}, (url) => createTeamsSender('team', { ...common, url: () => new Secret(url) })],
    [
      {},
      (url) =>
        createAlertmanagerSender('team', {
          ...{ ...common, urls: [url], severities, labels: {}, authorization: null },
          clock: () => AT,
          schedule: () => () => {},
        }),
    ],
  ]
  for (const [answer, make] of makers) {
    const bodies = await bodiesOf(t, () => answer, make)
    assert.equal(bodies.length, names.length)
    const harmless = shapeOf(JSON.parse(bodies[0] ?? ''))
    for (const body of bodies) {
      assert.doesNotMatch(body, forbidden)
      const value = JSON.parse(body)
      assert.deepEqual(shapeOf(value), harmless, body)
      for (const text of textsOf(value)) assert.doesNotMatch(text, forbidden)
    }
  }
})

test('Grafana: no string becomes an element or a link of an annotation', async (t) => {
  const bodies = await bodiesOf(
    t,
    ({ method }) => (method === 'GET' ? [] : { id: 1 }),
    (url) => createGrafanaSender('team', { url, outbound: toThisMachine, token: secret, tags: [], dashboard: null }),
  )
  assert.equal(bodies.length, names.length)
  const elements = (text: string) => text.match(/<[^>]*>/g)
  const harmless = JSON.parse(bodies[0] ?? '')
  for (const body of bodies) {
    const { text, tags } = JSON.parse(body)
    assert.deepEqual(elements(text), elements(harmless.text), text)
    assert.equal(text.split('\n').length, harmless.text.split('\n').length)
    assert.equal(tags.length, harmless.tags.length)
    for (const one of [text, ...tags]) assert.doesNotMatch(one, forbidden)
  }
})

test('charts: no string becomes an element, an attribute or a letter that cannot be seen', () => {
  const shapeOf = (svg: string) => [svg.match(/<[a-z/][^ >]*/g), svg.match(/"/g)?.length, svg.match(/[<>]/g)?.length]
  const drawn = (name: string) => {
    const { model, version, feature } = { model: name, version: name, feature: name }
    const point = { low: null, high: null, status: 'alarm', isProvisional: false } as const
    const points = [0, 1, 2].map((i) => ({ ...point, end: AT - (2 - i) * 3_600_000, value: 0.2 + i / 10 }))
    const course = { model, version, feature, kind: 'drift', metric: 'psi', window: '1h', points } as const
    const bars = [{ label: name, reference: 0.5, current: 1 }]
    const rows = { reference: 10, current: 10 }
    return [
      courseChart({ ...course, reference: null, threshold: 0.1, since: AT, until: null }),
      distributionChart({ model, version, feature, window: '1h', end: AT, rows, bars }),
    ]
  }
  const harmless = drawn(HARMLESS).map(({ svg }) => shapeOf(svg))
  for (const name of names) {
    const charts = drawn(name)
    assert.deepEqual(
      charts.map(({ svg }) => shapeOf(svg)),
      harmless,
      JSON.stringify(name),
    )
    for (const { svg } of charts) assert.doesNotMatch(svg, forbidden)
  }
})

test('webhooks: every string comes back from the JSON as it was, on one line', async (t) => {
  const hook = await receiver((_, response) => void response.writeHead(202).end())
  t.after(() => hook.close())
  const settings = { url: hook.url, secret, outbound: toThisMachine, clock: () => AT }
  await sendAll(createWebhookSender('team', settings), messageOf, names)
  const orchestrator = retrainingWebhook(settings)
  for (const name of names) {
    const outcome = await launched(orchestrator, runFor(incidentOf(name)), signal)
    assert.equal(outcome.result, 'delivered', `${JSON.stringify(name)}: ${JSON.stringify(outcome)}`)
  }
  const arrived: string[] = []
  for (const { body, headers } of hook.received) {
    assert.doesNotMatch(body, /\n/)
    assert.doesNotMatch(body, forbidden)
    const { data } = JSON.parse(body) as {
      data: { version: string; features: unknown[]; omitted?: { features: number } }
    }
    assert.equal(data.features.length + (data.omitted?.features ?? 0), 2)
    arrived.push(data.version)
    assert.deepEqual(
      Object.keys(headers).filter((key) => /evil|bcc|x-/i.test(key)),
      [],
    )
  }
  assert.deepEqual(arrived.sort(), [...names, ...names].sort())
})

test('console, tables and JSON lines: as many lines as a harmless name gives, and nothing that a terminal obeys', async () => {
  const printed: string[] = []
  await sendAll(
    createConsoleSender('team', (text) => printed.push(text)),
    messageOf,
    names,
  )
  const table = (name: string) => {
    const record = new RunRecord()
    const message = messageOf(name)
    if (message.envelope.kind === 'message')
      record.messages.push({ channel: 'x', key: 'k', message: message.envelope.message })
    const windows = { judged: 3, alarmed: 2 }
    const counts = { predictions: 1, labels: 1, joined: 1, duplicates: 0, late: 0, quarantined: 0, windows: 3 }
    const incidents = { drift: 1, performance: 0, estimated: 0, quality: 0, volume: 0 }
    const features = [{ name, worst: { method: 'psi', value: 1 }, alarmed: true, windows }]
    return summaryText([{ model: 'm', version: name, ...counts, incidents, features, performance: [] }], record)
  }
  for (const texts of [printed, names.map(table), names.map((name) => `${jsonLine({ [name]: [name] })}\n`)]) {
    const lines = texts[0]?.split('\n').length
    for (const [i, text] of texts.entries()) {
      assert.equal(text.split('\n').length, lines, JSON.stringify(names[i]))
      assert.doesNotMatch(text, forbidden, JSON.stringify(names[i]))
    }
  }
  for (const name of strings) assert.deepEqual(JSON.parse(jsonLine({ [name]: name })), { [name]: name })
})

test('log: as many lines as were logged, each of them JSON, none of them forged', () => {
  let text = ''
  const log = createLog('info', {
    write: (line) => {
      text += line
    },
  })
  for (const name of strings) log.warn({ model: name, [name]: name, err: new Error(name) }, name)
  const lines = text.trimEnd().split('\n')
  assert.equal(lines.length, strings.length)
  for (const [i, line] of lines.entries()) {
    assert.doesNotMatch(line, forbidden)
    const { level, msg } = JSON.parse(line) as { level: string; msg: string }
    assert.deepEqual([level, msg.isWellFormed() ? msg : ''], ['warn', strings[i]?.isWellFormed() ? strings[i] : ''])
  }
})

/** Reads a page as strictly as Prometheus does. @returns series and values */
function samplesOf(page: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue
    const parts = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*\})? (\S+)$/.exec(line)
    assert.ok(parts !== null, `not a sample: ${line.slice(0, 200)}`)
    const [, name, labels = '', value] = parts
    assert.ok(!samples.has(`${name}${labels}`), `twice: ${name}${labels}`)
    samples.set(`${name}${labels}`, Number(value))
  }
  return samples
}

test('metrics: as many series as names, none of them forged', async () => {
  const pageOf = (all: readonly string[]) =>
    createMetrics(
      metricsSource({
        latestResults: () =>
          all.map((name) => windowResult({ version: name, verdicts: [driftVerdict(name, 'alarm')] })),
        counters: () => all.map((version) => ({ name: 'predictions', model: 'm', version, value: 1 })),
        openIncidents: () => all.map((version) => incident({ version })),
      }),
      { seriesMax: 1_000_000 },
    ).page()
  const ours = (samples: Map<string, number>) => [...samples.keys()].filter((key) => !/^(process|nodejs)_/.test(key))
  const plain = names.map((_, i) => `name-${i}`)
  const page = await pageOf(names)
  assert.doesNotMatch(page, forbidden)
  assert.equal(ours(samplesOf(page)).length, ours(samplesOf(await pageOf(plain))).length)
  assert.equal(samplesOf(page).get('leeway_build_info{version="0.1.0"}'), 1)
})

test('events with such strings go the whole way, to messages, the printed summary and the dump', {
  timeout: 120_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-injection-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const hook = await receiver((_, response) => void response.end())
  t.after(() => hook.close())
  // Columns may not be paths, and JSON files hold whole characters.
  const columns = strings.filter(
    (name) => name.isWellFormed() && !/[.[\]]|__proto__|constructor|^\s*$/.test(name) && name.length <= 100,
  )
  const features = columns.filter((_, i) => i % Math.ceil(columns.length / 40) === 0)
  const versions = strings
    .filter((name) => /evil|steal|forged/.test(name) && name.length < 60 && name.isWellFormed())
    .slice(0, 3)
  const config = writeDrifting(folder, {
    model: 'm <!channel> <b>',
    features,
    categories: strings.filter((name) => name.isWellFormed() && name.length <= 200),
    versions,
    more: strings.map((name) => JSON.stringify({ id: name, time: name, ver: name, label: name })),
    sections: `channels:
  hook: {type: webhook, url: "${hook.url}", secretFile: "env:HOOK"}
retraining:
  "m <!channel> <b>": {target: webhook, url: "${hook.url}", secretFile: "env:HOOK"}
network: {allow: [127.0.0.1]}
`,
  })
  const state = join(folder, 'state')
  const run = (...args: string[]) => leeway(args, { env: { HOOK: secret().reveal() } })
  const replay = await run('replay', '-c', config, '--state', state, '--deliver')
  assert.equal(replay.code, 0, replay.stderr.slice(-2_000))
  const [text, dump, shown] = [
    replay.stdout,
    (await run('dump', '--state', state)).stdout,
    await run('reference', 'show', '-c', config),
  ]
  const doctor = await run('doctor', '--state', state, '-c', config)
  for (const output of [text, replay.stderr, dump, shown.stdout, shown.stderr, doctor.stdout, doctor.stderr])
    assert.doesNotMatch(output, forbidden)
  for (const line of dump.trimEnd().split('\n')) JSON.parse(line)
  assert.match(text, /drifting in/)
  assert.ok(hook.received.length >= 4, `${hook.received.length} messages`)
  for (const { body } of hook.received) {
    assert.doesNotMatch(body, forbidden)
    const { data } = JSON.parse(body)
    for (const { model } of data.incidents ?? [data]) assert.equal(model, 'm <!channel> <b>')
  }
  proved({
    promise: 'security',
    fault: 'Names, categories, versions and ids that try to be something else than text',
    size: `${strings.length} strings; Slack, email, charts, PagerDuty, Teams, Alertmanager, Grafana, webhook, retraining, console, tables, log, metrics, dump, and the whole pipeline`,
    outcome: '0 executed, 0 forged',
    test: 'test/faults/injection.test.ts',
  })
})
