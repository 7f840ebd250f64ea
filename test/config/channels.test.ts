// The channels of the document: what is left out, what is refused, where they connect to, and where their secrets are.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { readDocument } from '../../src/config/load.ts'
import { rotatingUrl } from '../../src/config/secret.ts'
import { secretPlaces } from '../../src/config/secret-places.ts'
import { withoutSecrets } from '../../src/secret.ts'
import { documentText } from './document.ts'

const read = (channel: string, network = '') =>
  readDocument(
    documentText({ channels: `\n  one: ${channel}`, routes: '\n  - to: [one]' }) + network,
    'config/leeway.yaml',
  )

const channelOf = (channel: string, network = '') => {
  const { options: _, ...own } = read(channel, network).channels.get('one') as { options: unknown }
  return own
}

test('each channel has a default for what is left out', () => {
  const secret = resolve('config/key')
  assert.deepEqual(channelOf('{type: pagerduty, routingKeyFile: key}'), {
    type: 'pagerduty',
    name: 'one',
    routingKeyFile: secret,
    url: 'https://events.pagerduty.com',
    severities: { critical: 'critical', alarm: 'error', warning: 'warning' },
  })
  const europe = channelOf('{type: pagerduty, routingKeyFile: key, region: eu, severities: {alarm: critical}}')
  assert.match(JSON.stringify(europe), /events\.eu\.pagerduty\.com.*"alarm":"critical","warning":"warning"/)
  assert.deepEqual(channelOf('{type: teams, urlFile: "env:TEAMS"}'), {
    type: 'teams',
    name: 'one',
    urlFile: 'env:TEAMS',
  })
  assert.deepEqual(channelOf('{type: alertmanager, urls: ["https://a.example.org/am/"]}'), {
    type: 'alertmanager',
    name: 'one',
    urls: ['https://a.example.org/am'],
    login: null,
    severities: { critical: 'critical', alarm: 'critical', warning: 'warning' },
    labels: {},
  })
  assert.deepEqual(channelOf('{type: grafana, url: "https://g.example.org/", tokenFile: key, dashboard: abc}'), {
    type: 'grafana',
    name: 'one',
    url: 'https://g.example.org',
    tokenFile: secret,
    tags: [],
    dashboard: { uid: 'abc', panel: null },
  })
  assert.deepEqual(channelOf('{type: kafka, brokers: ["a:9092"], topic: told}'), {
    type: 'kafka',
    name: 'one',
    topic: 'told',
    source: '/leeway',
    brokers: ['a:9092'],
    ssl: false,
    sasl: null,
  })
})

test('what cannot be meant is refused where it stands', () => {
  for (const [channel, complaint] of [
    ['{type: pagerduty, routingKeyFile: key, region: asia}', /channels\.one\.region: .*us or eu/],
    ['{type: pagerduty, routingKeyFile: key, severities: {alarm: loud}}', /severities\.alarm: .*critical, error/],
    ['{type: pagerduty, routingKeyFile: key, url: "http://10.0.0.1"}', /channels\.one\.url: .*network/],
    ['{type: teams, urlFile: "https://x.logic.azure.com/workflows/1?sig=s"}', /urlFile: .*path of a file/],
    ['{type: alertmanager, urls: []}', /urls: .*at least one address/],
    ['{type: alertmanager, urls: ["https://a.example.org/api/v2/alerts"]}', /urls\[0\]: .*without \/api\/v2\/alerts/],
    ['{type: alertmanager, urls: ["https://a.example.org", "http://b:9093"]}', /urls\[1\]: .*not encrypted/],
    ['{type: alertmanager, urls: ["https://a.example.org"], user: x}', /user and passwordFile together/],
    ['{type: alertmanager, urls: ["https://a.example.org"], labels: {model: x}}', /labels.*which leeway sets itself/],
    ['{type: alertmanager, urls: ["https://a.example.org"], labels: {"a-b": x}}', /labels.*the name of a label/],
    [
      '{type: alertmanager, urls: ["https://a.example.org"], user: x, passwordFile: y, tokenFile: z}',
      /or tokenFile, not both/,
    ],
    ['{type: grafana, url: "http://10.0.0.1", tokenFile: key}', /channels\.one\.url: .*private/],
    ['{type: grafana, url: "https://g.example.org", tokenFile: key, panel: 2}', /dashboard beside panel/],
    ['{type: kafka, brokers: ["a"], topic: told}', /brokers\[0\]: .*a broker such as/],
    ['{type: kafka, brokers: ["a:9092"], topic: "a b"}', /topic: .*the name of a topic/],
    [
      '{type: kafka, brokers: ["a:9092"], topic: told, sasl: {mechanism: oauthbearer, tokenEndpoint: "https://10.0.0.1/", clientId: c, clientSecretFile: s}}',
      /channels\.one\.sasl\.tokenEndpoint: .*private/,
    ],
  ] as const)
    assert.throws(() => read(channel), complaint, channel)
  const listed = '\nnetwork: {allow: [b, 10.0.0.0/8]}\n'
  for (const channel of [
    '{type: alertmanager, urls: ["https://a.example.org", "http://b:9093"]}',
    '{type: grafana, url: "http://10.0.0.1", tokenFile: key}',
  ])
    assert.doesNotThrow(() => read(channel, listed), channel)
})

test('every secret of every channel is known as one, and no certificate is', () => {
  const places = (channel: string) => [...secretPlaces(read(channel))].map(({ path }) => path)
  const own = (channel: string) => places(channel).filter((path) => path.startsWith('channels.'))
  assert.deepEqual(own('{type: pagerduty, routingKeyFile: key}'), ['channels.one.routingKeyFile'])
  assert.deepEqual(own('{type: teams, urlFile: key}'), ['channels.one.urlFile'])
  const alertmanager = '{type: alertmanager, urls: ["https://a.example.org"], '
  assert.deepEqual(own(`${alertmanager}user: x, passwordFile: key}`), ['channels.one.passwordFile'])
  assert.deepEqual(own(`${alertmanager}tokenFile: key}`), ['channels.one.tokenFile'])
  assert.deepEqual(own('{type: grafana, url: "https://g.example.org", tokenFile: key}'), ['channels.one.tokenFile'])
  assert.deepEqual(
    own(
      '{type: kafka, brokers: ["a:9092"], topic: told, ssl: {caFile: c, certFile: d, keyFile: e}, sasl: {mechanism: plain, username: u, passwordFile: f}}',
    ),
    ['channels.one.ssl.keyFile', 'channels.one.sasl.passwordFile'],
  )
})

test('an address that is a secret is checked without being shown, and its parts are kept out of what others say', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-url-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'secrets'))
  chmodSync(join(folder, 'secrets'), 0o700)
  const file = join(folder, 'secrets', 'url')
  writeFileSync(file, 'workflow canary-of-the-address\n')
  assert.throws(
    () => rotatingUrl(file, 'channels.team.urlFile'),
    (error: Error) =>
      /channels\.team\.urlFile: .*begins with http/.test(error.message) && !error.message.includes('canary'),
  )
  writeFileSync(file, 'https://x.example.org/workflows/0123456789abcdef0123/run?sig=canary-of-the-signature\n')
  assert.match(rotatingUrl(file, 'channels.team.urlFile')().reveal(), /^https:\/\/x\.example\.org/)
  assert.equal(
    withoutSecrets('sig canary-of-the-signature of 0123456789abcdef0123 at workflows'),
    'sig <redacted> of <redacted> at workflows',
  )
})

test('a digest goes to no channel that holds alerts alone', () => {
  const digests = '\ndigests: {weekly: {to: [one], every: week, timeZone: UTC}}\n'
  for (const channel of [
    '{type: pagerduty, routingKeyFile: key}',
    '{type: alertmanager, urls: ["https://a.example.org"]}',
  ])
    assert.throws(
      () => read(channel, digests),
      /digests\.weekly\.to\[0\]: one is a channel of type \w+, which holds alerts/,
    )
  assert.doesNotThrow(() => read('{type: teams, urlFile: key}', digests))
})
