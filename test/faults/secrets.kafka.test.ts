// No secret is told: not by a log, a message of the process, the API, the metrics, the state or what is printed, whatever fails and
// whatever receivers say. Every secret is a canary; receivers and the mail server repeat them as rudely as they can.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import { Secret } from '../../src/secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { writeDrifting } from '../build/drifting.ts'
import { notification } from '../build/messages.ts'
import { certificate, mailServer, receiver, toThisMachine } from '../build/receivers.ts'
import { leeway, plainEnvironment } from '../cli/run.ts'
import { kafkaAddress } from '../kafka/needs-kafka.ts'
import { proved } from './proof.ts'

const canaries = {
  slack: 'xoxb-canary-slack-0a1b2c',
  slackApp: 'xapp-canary-slack-app-5d6e7f',
  slackUrl: 'canary-of-an-incoming-webhook',
  webhook: `whsec_${Buffer.from('canary-webhook-secret-0123456789').toString('base64')}`,
  retraining: `whsec_${Buffer.from('canary-retraining-key-0123456789').toString('base64')}`,
  mail: 'canary-mail+pass/word=1',
  kafka: 'canary-kafka-password-77',
  pagerduty: 'canary0pagerduty0key0123456789ab',
  teams: 'canary-teams-signature-0123456789',
  alertmanager: 'canary-alertmanager-pass+word/1',
  grafana: 'glsa_canary_grafana_0123456789',
  topic: 'canary-topic-password-78',
  api: 'canary-api-token-0123456789abcdef0123456789',
}

/** Forms in which a canary could be in a text or a file. */
function formsOf(canary: string): string[] {
  const bytes = Buffer.from(canary)
  const base64 = ['', 'a', 'ab'].map((before) =>
    Buffer.concat([Buffer.from(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before.length + 1, -3),
  )
  const json = JSON.stringify(canary).slice(1, -1)
  return [canary, json, encodeURIComponent(canary), bytes.toString('hex'), ...base64]
}

/** Where any canary is in what was written. */
function hits(outputs: ReadonlyMap<string, Buffer | string>): string[] {
  return [...outputs].flatMap(([where, content]) =>
    Object.entries(canaries).flatMap(([name, canary]) =>
      formsOf(canary)
        .filter((form) => content.includes(form))
        .map((form) => `${name} in ${where}: ${form.slice(0, 6)}…`),
    ),
  )
}

const paths = [
  '/metrics',
  '/healthz',
  '/readyz',
  '/readyz?verbose',
  ...[
    'models',
    'windows',
    'verdicts',
    'incidents',
    'deliveries?limit=1000',
    'triggers',
    'quarantine',
    'openapi.json',
    'nothing',
  ].map((path) => `/api/v1/${path}`),
]

interface Delivery {
  readonly channel: string
  readonly attempts: number
}

/** `leeway serve` until every channel has failed. @returns everything it said */
async function serveUntilAllFailed(
  config: string,
  state: string,
  env: Record<string, string>,
  wanted: readonly string[],
) {
  const child = spawn(process.execPath, ['bin/leeway.js', 'serve', '-c', config, '--state', state, '--port', '0'], {
    env: { ...plainEnvironment, LEEWAY_LOG_LEVEL: 'trace', ...env },
  })
  const outputs = new Map<string, string>([
    ['stdout of serve', ''],
    ['stderr of serve', ''],
  ])
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      outputs.set(`${name} of serve`, outputs.get(`${name} of serve`) + text)
    })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const deadline = performance.now() + 120_000
  const log = () => outputs.get('stderr of serve') as string
  const failed = () =>
    new Set(
      log()
        .split('\n')
        .filter((line) => line.includes('"not delivered"'))
        .map((line) => (JSON.parse(line) as Delivery).channel),
    )
  const isDone = () =>
    wanted.every((name) => failed().has(name)) && /kafka.*(login|SASL|authenti)|"source":"live"/i.test(log())
  while (!isDone()) {
    assert.equal(child.exitCode, null, log())
    assert.ok(performance.now() < deadline, `only ${[...failed()]} have failed:\n${log().slice(-3_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const [, address] = /"address":"([^"]+)"/.exec(log()) ?? []
  for (const path of paths) outputs.set(path, await (await fetch(`${address}${path}`)).text())
  for (const [where, token] of [
    ['a reload', canaries.api],
    ['a refusal', `${canaries.api}x`],
  ] as const) {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${address}/api/v1/reload`, { method: 'POST', headers })
    assert.equal(answer.status === 401, where === 'a refusal', `${where}: ${answer.status}`)
    outputs.set(where, `${[...answer.headers]} ${await answer.text()}`)
  }
  child.kill('SIGTERM')
  await ended
  return outputs
}

test('no canary secret is in any output, whatever fails and whatever receivers say', {
  timeout: 300_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-canary-'))
  const [state, other] = [join(folder, 'state'), join(folder, 'other')]
  mkdirSync(join(folder, 'secrets'), { mode: 0o700 })
  for (const [name, canary] of Object.entries(canaries)) writeFileSync(join(folder, 'secrets', name), `${canary}\n`)
  const tls = certificate()
  writeFileSync(join(folder, 'ca.pem'), tls.cert)
  writeFileSync(join(folder, 'secrets', 'tokens'), `[{name: ops, role: operator, token: ${canaries.api}}]\n`, {
    mode: 0o600,
  })
  const everything = Object.values(canaries).join(' ')
  const rude = await receiver((_, response) => void response.writeHead(500).end(`cannot: ${everything}`))
  const refusing = await receiver(
    (_, response) => void response.writeHead(403).end(`${'x'.repeat(190)} ${canaries.retraining} ${everything}`),
  )
  const mail = await mailServer(tls, {
    login: () => `no: ${everything} ${Buffer.from(`\0leeway\0${canaries.mail}`).toString('base64')}`,
  })
  const loose = await mailServer(tls, { recipient: () => `450 ${everything}`, login: () => null })
  t.after(async () => {
    await Promise.all([rude, refusing, mail, loose].map((one) => one.close()))
    rmSync(folder, { recursive: true })
  })
  const { origin } = new URL(rude.url)
  // An address that is a secret; what makes it one may be repeated alone.
  writeFileSync(join(folder, 'secrets', 'address'), `${rude.url}?sig=${canaries.teams}\n`)
  writeFileSync(join(folder, 'secrets', 'slack-url'), `${origin}/services/T0/B0/${canaries.slackUrl}\n`)
  const config = writeDrifting(folder, {
    model: 'm',
    features: ['age', 'income'],
    categories: ['c'],
    versions: ['1'],
    sections: `channels:
  chat: {type: slack, tokenFile: "env:SLACK_CANARY", channel: "#a", appTokenFile: "env:SLACK_APP_CANARY", people: {U024BE7LH: {name: ann, role: operator}}}
  news: {type: slackWebhook, urlFile: secrets/slack-url}
  hook: {type: webhook, url: "${rude.url}", secretFile: secrets/webhook}
  mail: {type: email, host: localhost, port: ${mail.port}, user: leeway, passwordFile: secrets/mail, from: a@example.org, to: [b@example.org]}
  post: {type: email, host: localhost, port: ${loose.port}, user: leeway, passwordFile: secrets/mail, from: a@example.org, to: [b@example.org]}
  pager: {type: pagerduty, url: "${origin}", routingKeyFile: secrets/pagerduty}
  team: {type: teams, urlFile: secrets/address}
  alerts: {type: alertmanager, urls: ["${origin}"], user: leeway, passwordFile: secrets/alertmanager}
  graph: {type: grafana, url: "${new URL(refusing.url).origin}", tokenFile: secrets/grafana}
  topic: {type: kafka, brokers: ["${kafkaAddress ?? '127.0.0.1:1'}"], topic: told, sasl: {mechanism: plain, username: leeway, passwordFile: secrets/topic}}
retraining:
  m: {target: webhook, url: "${refusing.url}", secretFile: secrets/retraining}
network: {allow: [127.0.0.1, localhost]}
`,
  })
  const text = readFileSync(config, 'utf8')
  const login = '{mechanism: plain, username: leeway, passwordFile: secrets/kafka}'
  const live = `  live: {type: kafka, brokers: ["${kafkaAddress ?? '127.0.0.1:1'}"], topics: [nothing], sasl: ${login}}\n`
  const other_model =
    '  other: {source: live, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 1h}]}\n'
  writeFileSync(config, text.replace('models:\n', `${live}models:\n${other_model}`))
  const direct = join(folder, 'direct.yaml')
  writeFileSync(
    direct,
    text.replaceAll('secrets/webhook', canaries.webhook).replace('env:SLACK_CANARY', canaries.slack),
  )
  const env = {
    LEEWAY_TOKENS_FILE: join(folder, 'secrets', 'tokens'),
    SLACK_CANARY: canaries.slack,
    SLACK_APP_CANARY: canaries.slackApp,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  }

  const channels = ['chat', 'news', 'hook', 'mail', 'post', 'pager', 'team', 'alerts', 'graph', 'topic']
  const outputs: Map<string, string | Buffer> = await serveUntilAllFailed(config, state, env, channels)
  for (const [name, args] of [
    ['retrain test', ['retrain', 'test', '-c', config, '--model', 'm', '--launch', '--wait', '5s', '--json']],
    ['check', ['check', '-c', config]],
    ['check --json', ['check', '-c', config, '--json']],
    ['check of secrets in the document', ['check', '-c', direct]],
    ['serve with secrets in the document', ['serve', '-c', direct, '--state', other]],
    [
      'replay',
      [
        'replay',
        '-c',
        direct.replace('direct', 'leeway'),
        '--source',
        'history',
        '--deliver',
        '--json',
        '--state',
        other,
      ],
    ],
    ['dump', ['dump', '--state', state]],
    ['doctor', ['doctor', '--state', state]],
    ['demo', ['demo', '--exit']],
  ] as const) {
    const { stdout, stderr, code } = await leeway(args, { env })
    outputs.set(name, stdout + stderr)
    if (name.includes('in the document')) assert.equal(code, 2)
  }
  assert.ok(
    refusing.received.some(({ body }) => body.includes('leeway.retraining')),
    'nobody was asked to retrain',
  )
  // Slack's own client, with a Slack that repeats the token, and with one that breaks off.
  const slack = await receiver((_, response, nth) =>
    nth === 1
      ? void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ok: false, error: everything }))
      : void response.writeHead(nth === 2 ? 500 : 302, { 'x-canary': canaries.slack }).end(everything),
  )
  t.after(() => slack.close())
  const token = () => new Secret(canaries.slack)
  for (const canary of Object.values(canaries)) new Secret(canary)
  for (let i = 0; i < 3; i++) {
    const sender = createSlackSender('slack', {
      token,
      channel: '#a',
      apiUrl: `${new URL(slack.url).origin}/api/`,
      outbound: toThisMachine,
    })
    outputs.set(
      `outcome ${i} of Slack`,
      JSON.stringify(await sender.send(notification('slack'), AbortSignal.timeout(10_000))),
    )
  }
  const lines: string[] = []
  const log = createLog('trace', { write: (line) => void lines.push(line) })
  const error = Object.assign(new Error(`failed with ${everything}`), {
    response: everything,
    auth: { pass: canaries.mail },
  })
  log.error({ err: error, token: token(), sasl: { password: canaries.kafka } }, everything)
  outputs.set('log of an error', lines.join(''))

  for (const place of [state, other])
    for (const entry of readdirSync(place, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) outputs.set(`file ${entry.name}`, readFileSync(join(entry.parentPath, entry.name)))
  assert.deepEqual(hits(outputs), [])
  const all = [...outputs.values()].map(String).join('\n')
  assert.match(all, /<redacted>/, 'no receiver repeated a secret: nothing was proved')
  assert.ok(hits(new Map([['control', `x ${everything} y`]])).length >= Object.keys(canaries).length)
  proved({
    promise: 'security',
    fault: 'Canary secrets in every secret file; every channel and the login at Kafka fail and repeat them',
    size: `${Object.keys(canaries).length} canaries in ${formsOf('abcdefghij').length} forms; log, stderr, ${paths.length} pages, state files, 9 commands`,
    outcome: '0 hits',
    test: 'test/faults/secrets.kafka.test.ts',
  })
})
