import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret } from '../../src/secret.ts'
import { ask } from '../build/http.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'
import { changes, notification } from '../store/changes.ts'

let small: Awaited<ReturnType<typeof smallDaemon>>
before(async () => {
  small = await smallDaemon()
  await small.ended
})
after(() => small.stop())

const reload = async () => {
  const { status, text } = await small.as('operator', '/api/v1/reload', { method: 'POST' })
  return { status, body: JSON.parse(text) }
}
const api = async (path: string) => JSON.parse((await ask(small.port, `/api/v1/${path}`)).text)
const metric = async (name: string) =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec((await ask(small.port, '/metrics')).text)?.[1])
const results = () => small.daemon.store.views.results({ limit: 10_000 }).length

test('what is removed, added and changed is in force after a reload, and what was known is kept', async () => {
  const [before, windows] = [await api('configuration'), results()]
  assert.ok(windows > 10)
  small.write(
    smallDocument({ model: ', minSamples: 50', rest: 'channels:\n  a: {type: console}\n  b: {type: console}\n' }),
  )
  const { status, body } = await reload()
  assert.deepEqual([status, body.models], [200, { added: [], changed: ['small'], removed: [] }])
  assert.deepEqual(body.sources, { added: [], changed: [], removed: [] })
  const after = await api('configuration')
  assert.deepEqual([after.hash, after.lastReload.successful], [body.hash, true])
  assert.notEqual(after.hash, before.hash)
  assert.equal(await metric('leeway_config_last_reload_successful'), 1)
  assert.equal(results(), windows)
  small.write(smallDocument().replace('  small:', '  other:'))
  assert.deepEqual((await reload()).body.models, { added: ['other'], changed: [], removed: ['small'] })
  assert.deepEqual(
    (await api('models')).models.map(({ name }: { name: string }) => name),
    ['other'],
  )
  assert.equal((await api('verdicts')).verdicts.length, 0)
  assert.ok(!(await ask(small.port, '/metrics')).text.includes('model="small",version="",window'))
  assert.ok(small.lines.some((line) => line.includes('models that the configuration does not have')))
  small.write(smallDocument())
  assert.equal((await reload()).status, 200)
  assert.equal(results(), windows)
  assert.ok((await api('verdicts')).verdicts.length > 0)
})

test('a configuration with an error changes nothing, and the answer says file, line and path', async () => {
  const before = await api('configuration')
  small.write(smallDocument({ model: ', minSamples: many' }))
  const { status, body } = await reload()
  assert.equal(status, 422)
  const [problem] = body.error.problems
  assert.deepEqual([problem.path, problem.line], ['models.small.minSamples', 5])
  assert.match(problem.file, /leeway\.yaml$/)
  assert.match(body.error.message, /leeway\.yaml:5:\d+: models\.small\.minSamples: found "many"/)
  const after = await api('configuration')
  assert.deepEqual([after.hash, after.since], [before.hash, before.since])
  assert.match(after.lastReload.because, /minSamples/)
  assert.equal(await metric('leeway_config_last_reload_successful'), 0)
  small.write(smallDocument())
  await reload()
  assert.equal(await metric('leeway_config_last_reload_successful'), 1)
})

test('what can only be found out later is refused as well: references, secrets, tokens, and a state that does not fit', async () => {
  const before = await api('configuration')
  for (const [text, expected] of [
    [smallDocument().replace('file: reference.csv', 'file: nowhere.csv'), /nowhere\.csv/],
    [
      smallDocument({ rest: 'channels:\n  chat: {type: slack, tokenFile: nowhere, channel: "#a"}\n' }),
      /channels\.chat\.tokenFile/,
    ],
    [smallDocument().replace('path: production.csv', 'path: nowhere.csv'), /nowhere\.csv/],
    [
      smallDocument().replace('features: [age, income, job]', 'features: [age, income]'),
      /bins and classes of reference/,
    ],
    [smallDocument().replace('slide: 1h', 'slide: 30m'), /panes are 3600000 ms long, .* need 1800000 ms/],
  ] as const) {
    small.write(text)
    const { status, body } = await reload()
    assert.equal(status, 422)
    assert.match(body.error.message, expected)
    assert.equal((await api('configuration')).hash, before.hash)
    assert.deepEqual(
      small.daemon.pipeline.models().map(({ name }) => name),
      ['small'],
    )
  }
  small.write(smallDocument())
  small.writeTokens([])
  assert.match((await reload()).body.error.message, /tokens\.yaml is empty/)
  small.writeTokens(['viewer', 'operator'])
  assert.equal((await reload()).status, 200)
  assert.equal((await small.as('approver', '/api/v1/models')).status, 401)
  small.writeTokens(['viewer', 'operator', 'approver'])
  assert.equal((await reload()).status, 200)
})

test('a secret in what was wrong is neither served nor written down', async () => {
  const secret = new Secret('canary-that-others-repeat')
  small.write(smallDocument().replace('path: production.csv', `path: ${secret.reveal()}.csv`))
  const refused = await reload()
  small.write(smallDocument())
  assert.match(refused.body.error.message, /<redacted>\.csv cannot be read/)
  const told = JSON.stringify([refused.body, await api('configuration'), await api('audit')])
  assert.ok(!told.includes('canary-that'), told)
  assert.equal((await reload()).status, 200)
})

test('who reloaded is in the audit: asked, and what came of it; by a signal too', async () => {
  small.write('not: valid')
  await reload()
  small.write(smallDocument())
  await small.daemon.reloadForSignal()
  await small.as('viewer', '/api/v1/reload', { method: 'POST' })
  const { audit } = await api('audit?limit=5')
  assert.deepEqual(
    audit.map(({ actor, role, action, outcome }: Record<string, string>) => [actor, role, action, outcome]),
    [
      ['the-viewer', 'viewer', '/api/v1/reload', 'denied'],
      ['SIGHUP', '', 'reload', 'done'],
      ['SIGHUP', '', 'reload', 'asked'],
      ['the-operator', 'operator', 'reload', 'refused'],
      ['the-operator', 'operator', 'reload', 'asked'],
    ],
  )
  assert.equal(audit[3].request, audit[4].request)
  assert.match(audit[3].detail, /apiVersion/)
})

test('a window size whose panes are there is added live, and goes on from the present', async () => {
  small.write(smallDocument().replace('{size: 6h, slide: 1h}', '{size: 6h, slide: 1h}, {size: 3h, slide: 1h}'))
  assert.equal((await reload()).status, 200)
  assert.deepEqual((await api('models')).models[0].windows, ['6h', '3h'])
  small.write(smallDocument())
  assert.equal((await reload()).status, 200)
})

test('ten who ask at once get an outcome each, from two reloads at most', async () => {
  const before = small.lines.filter((line) => line.includes('was reloaded')).length
  await Promise.all(Array.from({ length: 10 }, () => small.daemon.reloadForSignal()))
  assert.ok(small.lines.filter((line) => line.includes('was reloaded')).length - before <= 2)
})

test('a configuration that mends what stops reading comes into force while reading is stopped', async () => {
  const limited = (rows: number) =>
    smallDocument({ rest: `limits: {outboxRows: ${rows}}\nchannels:\n  screen: {type: console}\n` })
  small.write(limited(1))
  assert.equal((await reload()).status, 200)
  const later = Date.now() + 3_600_000
  small.daemon.store.commit(
    changes({
      notifications: ['a', 'b'].map((key) => notification({ key, lane: key, dueAt: later, queuedAt: later })),
    }),
  )
  const ready = async () => (await ask(small.port, '/readyz')).status
  while ((await ready()) !== 503) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.match((await ask(small.port, '/readyz?verbose')).text, /2 messages wait/)
  small.write(limited(10))
  assert.equal((await reload()).status, 200)
  while ((await ready()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20))
})

test('what was made for a configuration that is refused does nothing: no Alertmanager hears of it every minute', async (t) => {
  const began = t.mock.method(globalThis, 'setTimeout')
  const calledOff = t.mock.method(globalThis, 'clearTimeout')
  const repeating = () =>
    began.mock.calls.filter(({ stack }) => stack.stack?.includes('alertmanager.ts')).map(({ result }) => result)
  const channel = 'alerts: {type: alertmanager, urls: ["https://a.example.org"]}'
  const accepted = smallDocument({ rest: `channels:\n  ${channel}\n` })
  const refusals = [
    // When sources are there and the pipeline is built; and before the next channel is.
    accepted.replace('slide: 1h', 'slide: 30m'),
    smallDocument({ rest: `channels:\n  ${channel}\n  chat: {type: slack, tokenFile: nowhere, channel: "#a"}\n` }),
  ]
  for (const text of refusals) {
    small.write(text)
    assert.equal((await reload()).status, 422)
    assert.deepEqual(repeating(), [])
  }
  small.write(accepted)
  assert.equal((await reload()).status, 200)
  assert.equal(repeating().length, 1)
  small.write(smallDocument())
  assert.equal((await reload()).status, 200)
  await new Promise(setImmediate)
  const off = new Set(calledOff.mock.calls.map(({ arguments: [timer] }) => timer))
  assert.ok(off.has(repeating()[0]))
})
