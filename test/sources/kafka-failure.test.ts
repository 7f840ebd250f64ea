// What a person is told when Kafka cannot be read.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFailure } from '../../src/sources/kafka-failure.ts'

/** As the client makes them. */
const failed = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name: `KafkaJS${name}`, ...more })

const context = {
  brokers: ['localhost:9092'],
  isTls: true,
  login: { mechanism: 'scram-sha-512', username: 'ann' },
  group: 'leeway-production',
}
const explain = (error: unknown, change: Partial<typeof context> = {}) =>
  explainFailure(error, { ...context, ...change })

test('an error of TLS says what to do', () => {
  for (const [code, words] of [
    ['CERT_HAS_EXPIRED', /expired; renew it at the broker/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /set ssl: \{caFile/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /set ssl: \{caFile/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /set ssl: \{certFile/],
    ['ECONNREFUSED', /is the broker running/],
  ] as const) {
    const error = failed('ConnectionError', 'Connection error: it failed', { code })
    // The client wraps what it gives up.
    const wrapped = failed('NonRetriableError', error.message, { cause: error })
    const { mayPass, message, isUnreachable } = explain(wrapped)
    assert.match(message, words)
    assert.deepEqual([mayPass, isUnreachable], [true, true])
  }
})

test('a client that has lost every broker says where it looked', () => {
  const { mayPass, message, isUnreachable } = explain(failed('NoBrokerAvailableError', 'No broker available'))
  assert.match(message, /nobody answers at localhost:9092; is the broker running/)
  assert.deepEqual([mayPass, isUnreachable], [true, true])
})

test('a login that is refused names the user and where the password lies, and never the password', () => {
  const error = failed('NonRetriableError', 'SASL SCRAM SHA512 authentication failed: Authentication failed')
  assert.match(
    explain(error).message,
    /does not accept user ann; check sasl.username and the content of sasl.passwordFile/,
  )
  const token = failed('NonRetriableError', 'SASL OAUTHBEARER authentication failed: {"status":"invalid_token"}')
  assert.match(explain(token).message, /does not accept our token/)
})

test('a right that is missing is named', () => {
  const error = failed('ProtocolError', 'not allowed', { type: 'GROUP_AUTHORIZATION_FAILED' })
  assert.match(explain(error).message, /allow READ on groups that begin with leeway-production-/)
})

test('what no second try can mend ends the process; all else may pass', () => {
  const hopeless = failed('NotImplemented', 'zstd')
  assert.equal(explain(hopeless).mayPass, false)
  assert.equal(explain(new TypeError('cannot read properties of undefined')).mayPass, true)
})
