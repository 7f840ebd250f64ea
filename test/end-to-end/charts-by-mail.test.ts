// From a model that goes wrong to the letter about it: through the daemon, a real store and a real mail server.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { writeDrifting } from '../build/drifting.ts'
import { certificate, mailServer } from '../build/receivers.ts'

test('each letter about an incident shows its course and its worst feature, and tells their numbers in both parts', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-letters-'))
  const server = await mailServer(certificate(), { withoutTls: true })
  t.after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  writeFileSync(join(folder, 'password'), 'right', { mode: 0o600 })
  const config = writeDrifting(folder, {
    features: ['income', 'age'],
    categories: ['a', 'never seen'],
    versions: ['7'],
    model: 'credit-risk',
    sections: `network: {allow: [127.0.0.1]}
channels:
  team: {type: email, host: 127.0.0.1, port: ${server.port}, plainText: true, user: leeway, passwordFile: password, from: leeway@example.org, to: [team@example.org]}
`,
  })
  const lines: string[] = []
  const daemon = await startDaemon({
    document: loadDocument(config),
    settings: loadSettings({ env: {}, flags: { config, stateDir: join(folder, 'state'), port: 0 } }),
    log: createLog('info', { write: (line: string) => void lines.push(line) }),
    version: 'test',
    write: () => {},
    mode: 'replay',
    deliver: true,
  })
  try {
    await daemon.run()
    await daemon.delivered()
  } finally {
    await daemon.stop()
  }
  assert.deepEqual(
    lines.filter((line) => /chart could not be drawn/.test(line)),
    [],
  )
  const about = (subject: RegExp) => server.mails.find((mail) => subject.test(mail.subject ?? ''))
  const wanted = [
    { mail: about(/drifting in/), charts: ['course.png', 'distribution.png'] },
    { mail: about(/estimated/), charts: ['course.png'] },
  ]
  for (const { mail, charts } of wanted) {
    assert.ok(mail !== undefined, server.mails.map(({ subject }) => subject).join('\n'))
    assert.deepEqual(
      mail.attachments.map(({ filename }) => filename),
      charts,
      mail.subject ?? '',
    )
    for (const { content } of mail.attachments) {
      assert.deepEqual([...content.subarray(1, 4)], [...Buffer.from('PNG')])
      assert.ok(content.length > 8_000, `${content.length} bytes`)
    }
    assert.match(mail.text ?? '', /window ends \(UTC\) +value/)
    if (charts.length > 1) assert.match(mail.text ?? '', / now +reference\n/)
    assert.match(String(mail.html), /<img src="data:image\/png;base64,/)
  }
})
