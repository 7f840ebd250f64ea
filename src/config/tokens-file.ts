// The file of tokens: who may do what over HTTP.
//
//   - {name: maria, role: approver, sha256: 9f86d0…}    # printf %s "$TOKEN" | sha256sum
//   - {name: deploy, role: operator, token: …}          # or the token itself, where only leeway can read the file

import { z } from 'zod'
import { roles } from '../http/role.ts'
import type { TokenEntry } from '../http/tokens.ts'
import { hashOf } from '../http/tokens.ts'
import { Secret } from '../secret.ts'
import { ConfigError } from './config-error.ts'
import type { Finding } from './schema-problems.ts'
import { check } from './schema-problems.ts'
import { readSecret } from './secret.ts'
import { parseYaml } from './yaml-text.ts'

/** A shorter one could be guessed. */
const TOKEN_LENGTH_MIN = 32

const entry = z.strictObject({
  name: z.string('a name').regex(/^[\w.@-]{1,64}$/, 'up to 64 letters, digits and any of . _ @ -'),
  role: z.enum(roles),
  token: z
    .string('text of at least 32 characters; put it in quotes')
    .regex(/^[\x21-\x7e]+$/, 'printable ASCII without blanks')
    .min(TOKEN_LENGTH_MIN, `at least ${TOKEN_LENGTH_MIN} characters, such as what "openssl rand -hex 32" prints`)
    .max(512, 'at most 512 characters')
    .optional(),
  sha256: z
    .string('64 hexadecimal digits; put them in quotes')
    .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits, as sha256sum prints them')
    .optional(),
})
const file = z.array(entry, 'a list of tokens').min(1, 'at least one token')

/** @throws ConfigError with every problem at once, never with a token */
export function readTokens(path: string): TokenEntry[] {
  const yaml = parseYaml(readSecret(path, 'LEEWAY_TOKENS_FILE').reveal(), path)
  const checked = check(file, yaml.value)
  const findings = 'findings' in checked ? checked.findings : confusions(checked.data)
  if (findings.length > 0 || 'findings' in checked)
    throw new ConfigError(findings.map(({ path: place, message }) => yaml.problem(place, message)))
  return checked.data.map(({ name, role, token, sha256 }) => ({
    name,
    role,
    sha256: token === undefined ? Buffer.from(sha256 as string, 'hex') : hashOf(new Secret(token).reveal()),
  }))
}

/** What no entry can have wrong by itself. */
function confusions(entries: z.output<typeof file>): Finding[] {
  const seen = new Map<string, number>()
  return entries.flatMap(({ name, token, sha256 }, i) => {
    if ((token === undefined) === (sha256 === undefined))
      return [{ path: [i], message: 'expected either sha256, or the token itself' }]
    const hash = token === undefined ? (sha256 as string).toLowerCase() : Buffer.from(hashOf(token)).toString('hex')
    const same = [`name ${name}`, hash].map((key) => seen.get(key)).find((other) => other !== undefined)
    seen.set(`name ${name}`, i).set(hash, i)
    return same === undefined ? [] : [{ path: [i], message: `its name or its token is that of entry ${same + 1}` }]
  })
}
