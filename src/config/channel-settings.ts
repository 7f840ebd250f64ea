// Who is told, and by which way: the `channels`, `routes` and `retraining` of the document.

import { z } from 'zod'
import type { Severity } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import { allowedHost, emailAddress, host, modelName, name, port, secretPath, url } from './forms.ts'

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

const kinds = ['drift', 'performance', 'estimated', 'quality', 'volume'] as const satisfies readonly MonitorKind[]
const severities = ['warning', 'alarm'] as const satisfies readonly Severity[]

export const route = z.strictObject({
  match: z
    .strictObject({
      model: modelName.optional(),
      kind: z.enum(kinds).optional(),
      severity: z.enum(severities).optional(),
    })
    .prefault({})
    .describe('Incidents that go this way; what is left out matches all'),
  to: z.array(z.string('the name of a channel'), 'a list of channels').min(1, 'at least one channel'),
})
export type RouteInput = z.output<typeof route>

const triggers = ['performance', 'drift'] as const satisfies readonly MonitorKind[]

export const retrainingSettings = z.strictObject({
  target: z.enum(['webhook']).describe('How the orchestrator is asked'),
  url,
  secretFile: secretPath.optional().describe('File with the secret that signs each request'),
  on: z
    .array(z.enum(triggers), 'a list of kinds of incidents')
    .min(1, 'at least one kind of incident')
    .default([...triggers]),
})
export const retraining = z.record(modelName, retrainingSettings, 'retraining targets by model')
export type RetrainingInput = z.output<typeof retrainingSettings>

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

/** Incidents that match go to these channels; null matches all. */
export interface RouteSettings {
  readonly model: string | null
  readonly kind: MonitorKind | null
  readonly severity: Severity | null
  /** Names of channels. */
  readonly to: readonly string[]
}

export interface RetrainingSettings {
  readonly model: string
  readonly target: 'webhook'
  readonly url: string
  readonly secretFile: string | null
  /** Kinds of incidents that ask for a run. */
  readonly on: ReadonlyArray<(typeof triggers)[number]>
}

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

export function resolveRoute({ match, to }: RouteInput): RouteSettings {
  return { model: match.model ?? null, kind: match.kind ?? null, severity: match.severity ?? null, to }
}

export function resolveRetraining(
  model: string,
  input: RetrainingInput,
  absolute: (path: string) => string,
): RetrainingSettings {
  const secretFile = input.secretFile === undefined ? null : absolute(input.secretFile)
  return { model, target: input.target, url: input.url, secretFile, on: input.on }
}
