// The commands about incidents and silences, against a daemon that runs.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tokenOf } from '../build/http.ts'
import { incident, notification } from '../build/messages.ts'
import { smallDaemon } from '../build/small-daemon.ts'
import { changes } from '../store/changes.ts'
import { openSession } from './session.ts'

let small: Awaited<ReturnType<typeof smallDaemon>>
const session = openSession()
const { id } = incident()
let address = ''
let tokenFile = ''

before(async () => {
  small = await smallDaemon()
  await small.ended
  address = `http://127.0.0.1:${small.port}`
  tokenFile = join(small.folder, 'operator')
  writeFileSync(tokenFile, tokenOf.operator)
  small.daemon.store.commit(
    changes({
      incidents: [incident()],
      transitions: [
        { incidentId: id, sequence: 2, change: 'firing', because: 'over the threshold', at: incident().at },
      ],
      notifications: [notification('screen')],
    }),
  )
  await small.daemon.delivered()
})
after(() => small.stop())

const leeway = (...args: string[]) => session([...args, '--address', address, '--token-file', tokenFile])
const done = async (...args: string[]) => {
  const { code, stdout, stderr } = await leeway(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

test('an incident is listed, acknowledged once, assigned, commented on, snoozed and shown with all of it', async () => {
  assert.match(await done('incidents', 'list', '--state', 'firing'), new RegExp(`${id} +credit-risk +7 +performance`))
  assert.equal(await done('incidents', 'ack', id), `${id}: acknowledged by the-operator\n`)
  assert.match(await done('incidents', 'ack', id), /acknowledged by the-operator at .* already/)
  assert.equal(await done('incidents', 'assign', id, 'anna'), `${id}: assigned to anna by the-operator\n`)
  assert.equal(await done('incidents', 'comment', id, 'the import was late'), `${id}: commented by the-operator\n`)
  assert.match(await done('incidents', 'snooze', id, '4h'), /snoozed until .* by the-operator/)
  const shown = await done('incidents', 'show', id)
  for (const wanted of [
    /acknowledged by the-operator, assigned to anna, snoozed until/,
    /comment +by the-operator: the import was late/,
    /screen +delivered/,
  ])
    assert.match(shown, wanted)
  const [line] = (await done('incidents', 'show', id, '--json')).trim().split('\n')
  const { type, deeds, comments } = JSON.parse(line as string)
  assert.deepEqual([type, deeds.length, comments.length], ['incident', 3, 1])
  assert.equal(deeds[0].via, 'cli')
  assert.match(await done('incidents', 'unack', id), /no longer acknowledged/)
  await small.daemon.delivered()
  assert.ok(
    small.told.some((text) => text.includes('credit-risk 7: acknowledged by the-operator')),
    small.told.join(''),
  )
})

test('a silence is added, listed and ended, and each of these is in the audit with who did it', async () => {
  const added = JSON.parse(
    await done('silences', 'add', '--model', 'credit-*', '--for', '4h', '--reason', 'a campaign', '--json'),
  )
  assert.match(await done('silences', 'list', '--phase', 'active'), new RegExp(`${added.id} +active +model=credit-\\*`))
  assert.match(await done('silences', 'end', added.id), /ended by the-operator/)
  assert.match(await done('silences', 'end', added.id), /ended by the-operator at .* already/)
  const { text } = await small.as('viewer', '/api/v1/audit?after=0&format=csv')
  assert.match(text, /the-operator,operator,127\.0\.0\.1,silence,/)
  assert.match(text, /incident acknowledge,a41c9d3300000001,done,acknowledged by the-operator \(cli\)/)
})

test('the audit is taken page by page without a gap, and each line of it is JSON', async () => {
  const all: Array<{ number: number; action: string }> = []
  for (;;) {
    const { text } = await small.as('viewer', `/api/v1/audit?after=${all.at(-1)?.number ?? 0}&limit=3&format=ndjson`)
    if (text === '') break
    all.push(
      ...text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
  }
  assert.deepEqual(
    all.map(({ number }) => number),
    all.map((_, i) => i + 1),
  )
  // Each deed that was done is asked and done, in this order.
  assert.ok(all.length > 12, String(all.length))
})

test('what is refused is an error of the command, and what is written wrongly one of usage', async () => {
  for (const [code, said, ...args] of [
    [1, /there is no incident none/, 'incidents', 'ack', 'none'],
    [2, /"soon" is neither a duration/, 'incidents', 'snooze', id, 'soon'],
    [1, /at least one of model/, 'silences', 'add', '--for', '4h', '--reason', 'x'],
    [2, /required option '--reason/, 'silences', 'add', '--for', '4h'],
  ] as const) {
    const outcome = await leeway(...args)
    assert.deepEqual([outcome.code, outcome.stdout], [code, ''], outcome.stderr)
    assert.match(outcome.stderr, said)
  }
  const viewer = join(small.folder, 'viewer')
  writeFileSync(viewer, tokenOf.viewer)
  const { code, stderr } = await session(['incidents', 'ack', id, '--address', address, '--token-file', viewer])
  assert.equal(code, 1)
  assert.match(stderr, /needs the role operator/)
  const nobody = await session(['incidents', 'list', '--address', 'http://127.0.0.1:1'])
  assert.equal(nobody.code, 4)
})
