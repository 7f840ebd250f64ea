import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { cleaned, Secret, withoutSecrets } from '../src/secret.ts'

const text = 'k4nary/secret+word'
const secret = new Secret(text)

test('a secret prints as <redacted>, however it is printed', () => {
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    Object.entries(secret).join(),
  ].join('\n')
  assert.ok(!printed.includes('k4nary'), printed)
  assert.match(printed, /<redacted>/)
  assert.equal(secret.reveal(), text)
})

test('a secret is taken out of what others say, also in base64, in an address and in JSON', () => {
  const base64 = (before: string) => Buffer.from(`${before}${text}!`).toString('base64')
  for (const said of [
    text,
    encodeURIComponent(text),
    base64(''),
    base64('a'),
    base64('ab'),
    base64('\0user\0'),
    JSON.stringify(text),
  ]) {
    const clean = withoutSecrets(`before ${said} after`)
    assert.match(clean, /^before .*<redacted>.* after$/)
    assert.ok(!clean.includes(said))
  }
  assert.deepEqual(cleaned({ list: [text, 7, null], [text]: true }), {
    list: ['<redacted>', 7, null],
    '<redacted>': true,
  })
})

test('a secret with signs is found however programs write signs', () => {
  const odd = `pa!ss'w(or)d*~/+"<&x>`
  new Secret(odd)
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  for (const said of [
    new URLSearchParams({ password: odd }).toString(),
    encodeURIComponent(odd).replace(/%../g, (byte) => byte.toLowerCase()),
    // As a login for tokens is sent (RFC 6749, 2.3.1).
    btoa(`leeway:${encodeURIComponent(odd)}`),
    JSON.stringify(odd).replaceAll('/', '\\/'),
    odd.replace(/[&<>"']/g, (sign) => entities[sign] as string),
  ])
    assert.match(withoutSecrets(`before ${said} after`), /^before .*<redacted>.* after$/, said)
})

test('a password that is short or a number does not tear holes into everything else', () => {
  new Secret('abc')
  new Secret('123456')
  assert.equal(withoutSecrets('the abc of it'), 'the abc of it')
  assert.deepEqual(cleaned({ count: 123_456 }), { count: 123_456 })
})

test('tokens that come and go are forgotten in the end, a secret that is used is not', () => {
  const lasting = new Secret('lasting-canary')
  for (let i = 0; i < 1_000; i++) {
    new Secret(`passing-canary-${i}`)
    if (i % 100 === 0) lasting.reveal()
  }
  assert.equal(
    withoutSecrets('lasting-canary passing-canary-999 passing-canary-1'),
    '<redacted> <redacted> passing-canary-1',
  )
})
