// By which ways people are told: the `channels` of the document.

import { z } from 'zod'
import { allowedHost, emailAddress, host, name, port, secretPath, url } from './forms.ts'

const consoleChannel = z.strictObject({ type: z.literal('console') })

const slack = z.strictObject({
  type: z.literal('slack'),
  tokenFile: secretPath.describe('File with the bot token'),
  channel: z.string('a channel such as "#ml-alerts"').min(1, 'a channel such as "#ml-alerts"'),
})

const email = z.strictObject({
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
})

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url,
  secretFile: secretPath.describe('File with the secret that signs each message'),
})

export const network = z.strictObject({
  allow: z
    .array(allowedHost, 'a list such as [airflow, 10.0.0.0/8]')
    .default([])
    .describe('What messages, retraining requests and requests for tokens may go to beside public addresses'),
})

export const channelSettings = z.discriminatedUnion('type', [consoleChannel, slack, email, webhook])
export const channels = z.record(name, channelSettings, 'channels by name')
export type ChannelInput = z.output<typeof channelSettings>

export type ChannelSettings =
  | { readonly type: 'console'; readonly name: string }
  | { readonly type: 'slack'; readonly name: string; readonly tokenFile: string; readonly channel: string }
  | {
      readonly type: 'email'
      readonly name: string
      readonly host: string
      readonly port: number
      readonly secure: boolean
      readonly plainText: boolean
      readonly login: { readonly user: string; readonly passwordFile: string } | null
      readonly from: string
      readonly to: readonly string[]
    }
  | { readonly type: 'webhook'; readonly name: string; readonly url: string; readonly secretFile: string }

/** @param absolute makes a path absolute against the folder of the document */
export function resolveChannel(name: string, input: ChannelInput, absolute: (path: string) => string): ChannelSettings {
  switch (input.type) {
    case 'console':
      return { type: 'console', name }
    case 'slack':
      return { type: 'slack', name, tokenFile: absolute(input.tokenFile), channel: input.channel }
    case 'webhook':
      return { type: 'webhook', name, url: input.url, secretFile: absolute(input.secretFile) }
    case 'email': {
      const { type, host, port, secure, plainText, user, passwordFile, from, to } = input
      const login =
        user === undefined || passwordFile === undefined ? null : { user, passwordFile: absolute(passwordFile) }
      return { type, name, host, port, secure, plainText, login, from, to }
    }
  }
}
