// Logging in to Kafka: every way there is, and every way it fails, with what a person is told.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kafkaSourceOf } from '../../src/assembly/sources.ts'
import { readDocument } from '../../src/config/load.ts'
import type { Broker } from '../kafka/broker.ts'
import { createTopics, missingForBroker, produce, startBroker } from '../kafka/broker.ts'
import { Authority } from '../kafka/certificates.ts'
import { proved } from './proof.ts'

const skip = missingForBroker() ?? false
const folder = mkdtempSync(join(tmpdir(), 'leeway-login-'))
const TOPIC = 'predictions'
const file = 'test/faults/login.test.ts'
/** They must be seen nowhere. */
const canary = { password: 'canary-password-7f3a', wrong: 'canary-wrong-91bc', secret: 'canary-secret-44de' }
/** The broker ends sessions after this long, and tokens live a little longer. */
const SESSION_S = 8
const TOKEN_S = 12

const authority = new Authority(folder)
const stranger = new Authority(folder, 'stranger')
const login = `org.apache.kafka.common.security`
const store = ({ storeFile }: { storeFile: string }) => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': storeFile,
})

async function startLoginBroker(): Promise<Broker> {
  const own = authority.sign('broker', { host: 'localhost' })
  const broker = await startBroker({
    scramUsers: [{ name: 'ann', password: canary.password }],
    listeners: [
      {
        name: 'LOGIN',
        protocol: 'SASL_SSL',
        settings: {
          ...store(own),
          'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
          'connections.max.reauth.ms': String(SESSION_S * 1_000),
          'plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_ann="${canary.password}";`,
          'scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
          'scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
          'oauthbearer.sasl.jaas.config': `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
        },
      },
      {
        name: 'MUTUAL',
        protocol: 'SSL',
        settings: {
          ...store(own),
          'ssl.client.auth': 'required',
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': authority.caFile,
        },
      },
      {
        name: 'EXPIRED',
        protocol: 'SSL',
        settings: store(authority.sign('expired', { host: 'localhost', expired: true })),
      },
      { name: 'OTHER', protocol: 'SSL', settings: store(authority.sign('other', { host: 'kafka.example.com' })) },
    ],
  })
  await createTopics(broker.address, [{ topic: TOPIC, partitions: 1 }])
  await produce(broker.address, TOPIC, [{ partition: 0, value: '{}' }])
  return broker
}

const broker = skip === false ? await startLoginBroker() : undefined
const everything: string[] = []
after(async () => {
  await broker?.stop()
  rmSync(folder, { recursive: true })
})

function secretFile(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, `${content}\n`, { mode: 0o600 })
  return path
}

/** A source as the document describes it, being read. */
function open(listener: string, settings: string) {
  const document = readDocument(
    `
apiVersion: leeway/v1
sources: {s: {type: kafka, brokers: ["localhost:${(broker as Broker).portOf(listener)}"], topics: [${TOPIC}], ${settings}}}
models: {m: {source: s, task: regression, reference: {first: 7d}, windows: [{size: 24h, slide: 1h}]}}
network: {allow: [127.0.0.1]}
`,
    join(folder, 'leeway.yaml'),
  )
  const source = document.sources.get('s')
  if (source?.type !== 'kafka') throw new Error('not the source that was written')
  const told: string[] = []
  const first = Promise.withResolvers<string>()
  let reconnects = 0
  let records = 0
  let waiting = { records: 1, resolve: () => {}, promise: Promise.resolve() }
  const reading = kafkaSourceOf(source, {
    log: (level, message) => {
      everything.push(message)
      if (level !== 'warn') return
      told.push(message)
      first.resolve(message)
    },
    onTrouble: (message) => {
      if (message !== null) everything.push(message)
    },
    onReconnect: () => reconnects++,
  })
  const running = reading.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async (batch) => {
      records += batch.records.length
      if (records >= waiting.records) waiting.resolve()
    },
  })
  running.catch((error) => first.resolve(String(error)))
  return {
    told,
    /** The first thing that was told of trouble. */
    trouble: first.promise,
    get reconnects() {
      return reconnects
    },
    async has(count: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting = { records: count, resolve, promise }
      if (records >= count) return
      await Promise.race([promise, running])
    },
    async close(): Promise<void> {
      await reading.stop()
      await running.catch(() => {})
    },
  }
}

const options = { skip, timeout: 120_000 }
const ca = () => `ssl: {caFile: "${authority.caFile}"}`
const password = (mechanism: string, path: string) =>
  `sasl: {mechanism: ${mechanism}, username: ann, passwordFile: "${path}"}`

for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'])
  test(`${mechanism} over TLS logs in`, options, async () => {
    const one = open('LOGIN', `${ca()}, ${password(mechanism, secretFile('password', canary.password))}`)
    await one.has(1)
    assert.deepEqual(one.told, [])
    await one.close()
  })

test(
  'a wrong password is told with what to do, tried again without haste, and mended by a new file alone',
  options,
  async () => {
    const path = secretFile('rotated', canary.wrong)
    const one = open('LOGIN', `${ca()}, ${password('scram-sha-512', path)}`)
    assert.match(
      await one.trouble,
      /does not accept user ann; check sasl.username and the content of sasl.passwordFile/,
    )
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    assert.ok(one.reconnects <= 6, `${one.reconnects} tries in three seconds`)
    assert.equal(one.told.length, 1)
    secretFile('rotated', canary.password)
    await one.has(1)
    await one.close()
  },
)

test('mutual TLS needs our certificate, and says so', options, async () => {
  const own = authority.sign('client')
  const files = `caFile: "${authority.caFile}", certFile: "${own.certFile}", keyFile: "${own.keyFile}"`
  const one = open('MUTUAL', `ssl: {${files}}`)
  await one.has(1)
  await one.close()
  const without = open('MUTUAL', ca())
  assert.match(await without.trouble, /does not accept our certificate; set ssl: \{certFile/)
  await without.close()
  const old = authority.sign('old', { expired: true })
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const expired = `ssl: {caFile: "${authority.caFile}", certFile: "${old.certFile}", keyFile: "${old.keyFile}"}`
  assert.throws(() => open('MUTUAL', expired), /sources\.s\.ssl\.certFile: .* expired on .*; put a new one there/)
  const mixed = `ssl: {caFile: "${authority.caFile}", certFile: "${own.certFile}", keyFile: "${old.keyFile}"}`
  assert.throws(() => open('MUTUAL', mixed), /another key than that of the certificate/)
})

test(
  'a certificate that is expired, for another host, of a stranger or missing at all is refused with what to do',
  options,
  async () => {
    for (const [listener, ssl, words] of [
      ['EXPIRED', ca(), /has expired; renew it at the broker/],
      ['OTHER', ca(), /for another host name/],
      ['LOGIN', `ssl: {caFile: "${stranger.caFile}"}`, /authority that is not known here; set ssl: \{caFile/],
      ['LOGIN', 'ssl: true', /authority that is not known here; set ssl: \{caFile/],
      ['PLAINTEXT', 'ssl: true', /does not speak TLS at this port/],
      ['LOGIN', 'ssl: false', /does the broker want TLS at this port\? Then set ssl/],
    ] as const) {
      const one = open(listener, ssl)
      assert.match(await one.trouble, words, `${listener}, ${ssl}`)
      await one.close()
    }
  },
)

/** An unsigned token, as the broker of the test takes it. */
function token(lifeS: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  return `${part({ alg: 'none' })}.${part({ sub: 'leeway', iat: now, exp: now + lifeS })}.`
}

test(
  'tokens that expire are asked for again in time, and reading goes on; one that has expired is told',
  options,
  async (t) => {
    const asked: IncomingMessage[] = []
    let refuses = false
    const server = createServer((request, response) => {
      asked.push(request)
      response.statusCode = refuses ? 401 : 200
      response.end(
        JSON.stringify(refuses ? { error: 'invalid_client' } : { access_token: token(TOKEN_S), expires_in: TOKEN_S }),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
    const secret = secretFile('client-secret', canary.secret)
    const sasl = `sasl: {mechanism: oauthbearer, tokenEndpoint: "${endpoint}", clientId: leeway, clientSecretFile: "${secret}"}`
    const one = open('LOGIN', `${ca()}, ${sasl}`)
    let count = 1
    await one.has(count)
    const until = performance.now() + 3 * TOKEN_S * 1_000
    while (performance.now() < until) {
      await produce((broker as Broker).address, TOPIC, [{ partition: 0, value: '{}' }])
      await one.has(++count)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    assert.ok(asked.length >= 3 && asked.length <= 12, `${asked.length} tokens for three lives`)
    assert.match(asked[0]?.headers.authorization ?? '', /^Basic /)
    assert.ok(one.reconnects <= 1, `${one.reconnects} clients`)
    await one.close()
    refuses = true
    const refused = open('LOGIN', `${ca()}, ${sasl}`)
    assert.match(await refused.trouble, /refuses a token with status 401 \(invalid_client\); check sasl\.clientId/)
    await refused.close()
    const stale = open(
      'LOGIN',
      `${ca()}, sasl: {mechanism: oauthbearer, tokenFile: "${secretFile('token', token(-60))}"}`,
    )
    assert.match(await stale.trouble, /does not accept our token/)
    secretFile('token', token(60))
    await stale.has(1)
    await stale.close()
  },
)

test('no line that was told holds a password, a secret or a token', options, () => {
  const text = everything.join('\n')
  for (const secret of Object.values(canary)) assert.ok(!text.includes(secret), 'a secret was told')
  assert.doesNotMatch(text, /eyJ[\w-]+\.eyJ/)
  proved({
    promise: 'security',
    fault:
      'Logging in to Kafka: PLAIN, SCRAM, OAUTHBEARER, mTLS; wrong and rotated passwords, expired tokens and certificates, wrong hosts, unknown authorities',
    size: '17 logins against a real broker',
    outcome: 'logs in, or says what to do and tries again; no secret told',
    test: file,
  })
})
