import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../src/config/config-error.ts'
import type { SettingsInput } from '../../src/config/settings.ts'
import { loadSettings, settingsSchema } from '../../src/config/settings.ts'

test('a flag comes before a variable, and a variable before the default', () => {
  const env = {
    LEEWAY_PORT: '8080',
    LEEWAY_STATE_DIR: '/var/lib/leeway',
    LEEWAY_PUBLIC_URL: 'https://leeway.example.org/',
  }
  assert.deepEqual(loadSettings({ env, flags: { port: '0', host: undefined } }), {
    config: 'config/leeway.yaml',
    stateDir: '/var/lib/leeway',
    host: '127.0.0.1',
    port: 0,
    logLevel: 'info',
    commitIntervalMs: 1_000,
    commitRecordsMax: 10_000,
    seriesMax: 20_000,
    joinEntriesMax: 50_000_000,
    stateFreeMinMib: 512,
    rebuild: false,
    memoryLimitMib: 0,
    publicUrl: 'https://leeway.example.org',
    tokensFile: null,
    readAccess: null,
    metricsAccess: 'open',
    metricsPort: null,
    metricsHost: null,
    allowedHosts: [],
    requestsPerSecond: 50,
  })
})

function problemsOf(input: SettingsInput): string[] {
  try {
    loadSettings({ env: {}, ...input })
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message.split('\n')
  }
  return []
}

test('every wrong setting is reported at once, under the name that gave it', () => {
  const env = {
    LEEWAY_PORT: '70000',
    LEEWAY_LOG_LEVEL: 'debg',
    LEEWAY_COMMIT_INTERVAL_MS: '1s',
    LEEWAY_SERIES_MAX: '0',
  }
  assert.deepEqual(
    problemsOf({ env, flags: { stateDir: '', publicUrl: 'leeway.example.org', commitRecordsMax: '1e3' } }),
    [
      '--state-dir: found "" (text); expected text',
      'LEEWAY_PORT: found 70000 (number); expected a port from 0 to 65535',
      'LEEWAY_LOG_LEVEL: found "debg" (text); expected fatal, error, warn, info, debug, trace or silent; did you mean debug?',
      'LEEWAY_COMMIT_INTERVAL_MS: found "1s" (text); expected a whole number above 0',
      '--commit-records-max: found "1e3" (text); expected a whole number above 0',
      'LEEWAY_SERIES_MAX: found 0 (number); expected a whole number above 0',
      '--public-url: found "leeway.example.org" (text); expected an address that begins with http:// or https://',
    ],
  )
})

test('a port with letters after it is not a port', () => {
  assert.deepEqual(problemsOf({ env: { LEEWAY_PORT: '9464x' } }), [
    'LEEWAY_PORT: found "9464x" (text); expected a port from 0 to 65535',
  ])
})

test('a variable with a slip of the pen is reported, and those of other programs are left alone', () => {
  const env = {
    LEEWAY_PROT: '1',
    LEEWAY_LOGLEVEL: 'info',
    LEEWAY_SERVICE_HOST: '10.0.0.1',
    LEEWAY_PORT_9464_TCP: 'tcp://10.0.0.1:9464',
    LEEWAY_TEST_KAFKA: 'a:1',
  }
  assert.deepEqual(problemsOf({ env }), [
    'LEEWAY_PROT: there is no such variable; did you mean LEEWAY_PORT?',
    'LEEWAY_LOGLEVEL: there is no such variable; did you mean LEEWAY_LOG_LEVEL?',
  ])
})

test('the variable that Kubernetes sets for a service named leeway is recognised', () => {
  assert.match(
    problemsOf({ env: { LEEWAY_PORT: 'tcp://10.0.0.1:9464' } }).join(),
    /Kubernetes .* enableServiceLinks: false/,
  )
})

test('the variable of a setting is its name in capitals', () => {
  for (const [name, { env }] of Object.entries(settingsSchema)) {
    assert.equal(env, `LEEWAY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`)
  }
})
