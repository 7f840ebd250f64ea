import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exposureOf, readSecret, rotatingSecret } from '../../src/config/secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-secret-'))
after(() => rmSync(folder, { recursive: true }))
const file = (text: string) => {
  const path = join(folder, `secret-${text.length}`)
  writeFileSync(path, text)
  return path
}

test('a secret is what its file says, without the line break at its end', () => {
  assert.equal(readSecret(file('canary\n'), 'channels.pager.secretFile').reveal(), 'canary')
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

test('a secret from a variable leaves the environment, and is remembered for the next reading', () => {
  process.env['LEEWAY_TEST_TOKEN'] = ' env-canary\n'
  assert.equal(readSecret('env:LEEWAY_TEST_TOKEN', 'x').reveal(), 'env-canary')
  assert.equal(process.env['LEEWAY_TEST_TOKEN'], undefined)
  assert.equal(readSecret('env:LEEWAY_TEST_TOKEN', 'x').reveal(), 'env-canary')
  process.env['LEEWAY_TEST_OTHER_FILE'] = file('from a file')
  assert.equal(readSecret('env:LEEWAY_TEST_OTHER_FILE', 'x').reveal(), 'from a file')
  assert.throws(
    () => readSecret('env:LEEWAY_TEST_NOTHING', 'x'),
    /^ConfigError: x: the variable LEEWAY_TEST_NOTHING is not set/,
  )
})

test('a secret that is replaced counts from the next use on, and one that is gone for a moment stays', () => {
  const path = file('rotating-canary-1')
  const secret = rotatingSecret(path, 'x')
  assert.equal(secret().reveal(), 'rotating-canary-1')
  writeFileSync(path, 'rotating-canary-2')
  assert.equal(secret().reveal(), 'rotating-canary-2')
  unlinkSync(path)
  assert.equal(secret().reveal(), 'rotating-canary-2')
})

test('a secret that every user of the machine can read is told', () => {
  const path = file('exposed-canary')
  chmodSync(path, 0o644)
  // Folders of tests are closed, which closes what is in them.
  assert.equal(exposureOf(path), null)
  chmodSync(folder, 0o755)
  assert.match(exposureOf(path) ?? '', /can be read by every user.*chmod o-r/)
  process.env['CANARY_FILE'] = path
  assert.match(exposureOf('env:CANARY_FILE') ?? '', /secret-14 can be read by every user/)
  delete process.env['CANARY_FILE']
  assert.equal(exposureOf('env:CANARY_FILE'), null)
  chmodSync(path, 0o640)
  assert.equal(exposureOf(path), null)
})
