// The channel `email`: messages by a mail server.

import { z } from 'zod'
import type { ChartsWanted } from '../forms.ts'
import { chartsWanted, emailAddress, host, port, secretPath } from '../forms.ts'

export const emailInput = z.strictObject({
  type: z.literal('email'),
  host,
  port,
  secure: z
    .boolean('true or false')
    .default(false)
    .describe('true: TLS from the first byte; false: STARTTLS, without which nothing is sent'),
  plainText: z
    .boolean('true or false')
    .default(false)
    .describe('true: go on without TLS when the server offers none; others on the way can read messages and password'),
  user: z.string('a user name').min(1, 'a user name').optional(),
  passwordFile: secretPath.optional(),
  from: emailAddress,
  to: z.array(emailAddress, 'a list of email addresses').min(1, 'at least one email address'),
  charts: chartsWanted,
})

export interface EmailChannel {
  readonly type: 'email'
  readonly name: string
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly plainText: boolean
  readonly login: { readonly user: string; readonly passwordFile: string } | null
  readonly from: string
  readonly to: readonly string[]
  readonly charts: ChartsWanted
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveEmail(
  name: string,
  input: z.output<typeof emailInput>,
  absolute: (path: string) => string,
): EmailChannel {
  const { type, host, port, secure, plainText, user, passwordFile, from, to, charts } = input
  const login = user === undefined || passwordFile === undefined ? null : { user, passwordFile: absolute(passwordFile) }
  return { type, name, host, port, secure, plainText, login, from, to, charts }
}
