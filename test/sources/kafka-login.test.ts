// Tokens for Kafka from an authorization server: by the same way out as every other request.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { tokenFromEndpoint } from '../../src/sources/kafka-login.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'

const asking = (endpoint: string, outbound = toThisMachine, now = () => 0) =>
  tokenFromEndpoint({
    endpoint,
    clientId: 'leeway',
    clientSecret: () => 'p@ss word',
    scope: 'kafka',
    now,
    keep: (value) => ({ reveal: () => value }),
    outbound,
  })

test('a token is asked for by client credentials, and again when four fifths of its life are over', async () => {
  const server = await receiver((_, response, nth) =>
    response.end(JSON.stringify({ access_token: `token ${nth}`, expires_in: 100 })),
  )
  let now = 0
  const token = asking(server.url, toThisMachine, () => now)
  const both = await Promise.all([token(), token()])
  now = 79_999
  const kept = await token()
  now = 80_000
  const fresh = await token()
  assert.deepEqual(
    [...both, kept, fresh].map((one) => one.reveal()),
    ['token 1', 'token 1', 'token 1', 'token 2'],
  )
  const [first] = server.received
  assert.equal(first?.headers['authorization'], `Basic ${btoa('leeway:p%40ss%20word')}`)
  assert.equal(first?.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(first?.body, 'grant_type=client_credentials&scope=kafka')
  await server.close()
})

test('a server of a private network is asked only when it is listed, and nobody follows it elsewhere', async () => {
  const server = await receiver((_, response) => response.writeHead(302, { location: server.url }).end())
  await assert.rejects(asking(server.url, createOutbound({ allow: [] }))(), {
    message:
      /^sasl\.tokenEndpoint: 127\.0\.0\.1 is an address of this machine itself.*network: \{allow: \[127\.0\.0\.1\]\}/,
  })
  assert.equal(server.received.length, 0)
  await assert.rejects(asking(server.url)(), /refuses a token with status 302/)
  assert.equal(server.received.length, 1)
  await server.close()
})

test('what is no token is told apart, and none of it is believed', async () => {
  const answers: ReadonlyArray<readonly [status: number, body: string, because: RegExp]> = [
    [401, '{"error":"invalid_client"}', /status 401 \(invalid_client\); check sasl\.clientId/],
    [401, '{"error":"<b>no</b>"}', /status 401; check/],
    [200, '{"access_token":""}', /has no access_token/],
    [200, 'hello', /has no access_token/],
    [200, `{"access_token":"${'x'.repeat(70_000)}"}`, /was cut off, or is too long to be a token/],
  ]
  const server = await receiver((_, response, nth) => {
    const [status, body] = answers[nth - 1] ?? [500, '']
    response.writeHead(status).end(body)
  })
  for (const [, , because] of answers) await assert.rejects(asking(server.url)(), because)
  await server.close()
  await assert.rejects(asking(server.url)(), /does not answer: .*ECONNREFUSED/)
})
