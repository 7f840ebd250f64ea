import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '../../src/config/config-error.ts'
import { readTokens } from '../../src/config/tokens-file.ts'
import { hashOf, Tokens } from '../../src/http/tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-tokens-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'tokens.yaml')
const read = (text: string) => {
  writeFileSync(path, text)
  return readTokens(path)
}
const token = 'correct-horse-battery-staple-0123456789'
const sha256 = Buffer.from(hashOf(token)).toString('hex')

test('a token may be written as its hash or as itself; its holder is known by it, and nobody else', () => {
  const tokens = new Tokens(
    read(`- {name: maria, role: approver, sha256: "${sha256}"}\n- {name: deploy, role: operator, token: ${token}-2}\n`),
  )
  assert.deepEqual(tokens.holder(token), { name: 'maria', role: 'approver' })
  assert.deepEqual(tokens.holder(`${token}-2`), { name: 'deploy', role: 'operator' })
  assert.deepEqual(
    [token.slice(1), `${token} `, '', sha256].map((other) => tokens.holder(other)),
    Array(4).fill(undefined),
  )
})

test('a wrong file of tokens says where and why, and never shows a token', () => {
  for (const [text, expected] of [
    ['', /is empty/],
    ['[]', /at least one token/],
    ['maria: approver', /list of tokens/],
    [
      `- {name: maria, role: boss, token: ${token}}`,
      /tokens\.yaml:1:\d+: \[0\]\.role: .*"boss".*viewer, operator.*approver/,
    ],
    [`- {name: maria, role: viewer}`, /either sha256, or the token/],
    [`- {name: maria, role: viewer, token: ${token}, sha256: "${sha256}"}`, /either sha256, or the token/],
    [`- {name: maria, role: viewer, token: ${token.slice(0, 20)}}`, /at least 32 characters/],
    [`- {name: maria, role: viewer, token: "${token} x"}`, /printable ASCII/],
    [`- {name: maria, role: viewer, sha256: ${sha256.slice(1)}}`, /64 hexadecimal digits/],
    [`- {name: maria, role: viewer, password: ${token}}`, /no such setting/],
    [`- {name: "a b", role: viewer, token: ${token}}`, /\[0\]\.name/],
    [`- {name: a, role: viewer, token: ${token}}\n- {name: a, role: viewer, token: ${token}2}`, /:2:.*that of entry 1/],
    [
      `- {name: a, role: viewer, token: ${token}}\n- {name: b, role: viewer, sha256: ${sha256}}`,
      /:2:.*that of entry 1/,
    ],
  ] as const) {
    assert.throws(
      () => read(text),
      (error: Error) =>
        error instanceof ConfigError &&
        expected.test(error.message) &&
        !error.message.includes(token.slice(0, 20)) &&
        !error.message.includes(sha256.slice(1)),
      text,
    )
  }
})
