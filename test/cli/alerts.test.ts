import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { receiver } from '../build/receivers.ts'
import { smallDocument } from '../build/small-daemon.ts'
import { stateDirectory } from '../store/state-directory.ts'
import { leeway } from './run.ts'

test('a test message goes through the channel as it is configured, and what became of it is said', async (t) => {
  const folder = stateDirectory(t)
  const config = join(folder, 'leeway.yaml')
  let status = 200
  const hook = await receiver((_, response) => {
    response.statusCode = status
    response.end('said')
  })
  t.after(() => hook.close())
  writeFileSync(join(folder, 'secret'), `whsec_${Buffer.alloc(24, 7).toString('base64')}`)
  writeFileSync(
    config,
    smallDocument({
      rest: `channels:
  hook: {type: webhook, url: "${hook.url}", secretFile: secret}
  nowhere: {type: webhook, url: "http://127.0.0.1:9/", secretFile: secret}
  tried: {type: webhook, url: "${hook.url}", secretFile: secret, dryRun: true}
  broken: {type: webhook, url: "${hook.url}", secretFile: not-there}
network: {allow: [127.0.0.1]}
`,
    }),
  )
  const send = (channel: string, ...more: string[]) =>
    leeway(['alerts', 'test', '-c', config, '--channel', channel, ...more])
  const [delivered, unreachable, dry, unknown] = await Promise.all([
    send('hook', '--json'),
    send('nowhere'),
    send('tried'),
    send('hok'),
  ])
  assert.equal(delivered.code, 0, delivered.stderr)
  assert.deepEqual(JSON.parse(delivered.stdout), {
    type: 'test',
    channel: 'hook',
    message: 'firing',
    result: 'delivered',
    detail: '200 said',
  })
  const [request] = hook.received
  assert.match(request?.body ?? '', /leeway test: nothing is wrong/)
  assert.match(String(request?.headers['webhook-id']), /^test-.*:firing:hook$/)
  assert.equal(hook.received.length, 1)
  assert.deepEqual([unreachable.code, dry.code, unknown.code], [4, 0, 2])
  assert.match(unreachable.stdout, /^nowhere: the test message could not be delivered: 127.0.0.1:9: ECONNREFUSED/)
  assert.match(dry.stdout, /dry run: logged, and not sent/)
  assert.match(unknown.stderr, /there is no channel called hok; did you mean hook\?/)
  status = 404
  const refused = await send('hook')
  assert.deepEqual([refused.code, refused.stdout], [1, 'hook: the test message was refused: 404 said\n'])
})
