import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readSecret } from '../../src/config/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-secret-'))
after(() => rmSync(folder, { recursive: true }))
const file = (text: string) => {
  const path = join(folder, `secret-${text.length}`)
  writeFileSync(path, text)
  return path
}

test('a secret is what its file says, without the line break at its end', () => {
  assert.equal(readSecret(file('canary\n'), 'channels.pager.secretFile'), 'canary')
})

test('a secret that cannot be read is a problem of its setting', () => {
  assert.throws(() => readSecret(join(folder, 'none'), 'channels.pager.secretFile'), {
    name: 'ConfigError',
    message: /^channels\.pager\.secretFile: the secret cannot be read from .*none \(ENOENT\)/,
  })
  assert.throws(() => readSecret(file(' \n'), 'channels.pager.secretFile'), /is empty; put the secret there/)
  assert.throws(
    () => readSecret(file('canary'.repeat(20_000)), 'x'),
    (error: Error) => !error.message.includes('canary') && /is no secret/.test(error.message),
  )
})
