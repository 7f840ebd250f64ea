// How brokers are reached: what sources, channels and whoever else speaks to Kafka have in common.

import { z } from 'zod'
import type { TlsFiles } from '../sources/kafka-socket.ts'
import { filePath, secretPath, url } from './forms.ts'

const endpointForm = 'an address that begins with https:// (http:// only for this machine)'
const extensionForm = 'printable text'

/** A secret goes there: nobody may read along. */
function isTokenEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
}

const brokerForm = 'a broker such as localhost:9092'
const topicForm = 'the name of a topic'
export const topic = z.string(topicForm).regex(/^[\w.-]{1,249}$/, topicForm)
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const pem = (what: string) => filePath.describe(`${what} (PEM)`)

const tls = z
  .strictObject({
    caFile: pem('Certificates of the authorities that may have signed those of the brokers').optional(),
    certFile: pem('Our own certificate, with what leads to its authority').optional(),
    keyFile: secretPath.optional().describe('The key of our own certificate (PEM)'),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'certFile and keyFile belong together; give both, or neither',
  })

const passwordLogin = z.strictObject({
  mechanism: z.enum(mechanisms),
  username: z.string('a user name').min(1, 'a user name'),
  passwordFile: secretPath,
})

const tokenLogin = z
  .strictObject({
    mechanism: z.literal('oauthbearer'),
    tokenFile: secretPath.optional().describe('A token that something else keeps fresh'),
    tokenEndpoint: url
      .refine(isTokenEndpoint, endpointForm)
      .optional()
      .describe('Where tokens are asked for (OAuth 2.0 client credentials)'),
    clientId: z.string('a client id').min(1, 'a client id').optional(),
    clientSecretFile: secretPath.optional(),
    scope: z.string('a scope').min(1, 'a scope').optional(),
    extensions: z
      .record(
        z.string().regex(/^[A-Za-z]+$/, 'letters alone'),
        z.string(extensionForm).regex(/^[\x20-\x7e\t\r\n]+$/, extensionForm),
        'values by name',
      )
      .default({})
      .describe('Sent with the token, such as logicalCluster'),
  })
  .refine(
    ({ tokenFile, tokenEndpoint, clientId, clientSecretFile }) =>
      tokenFile !== undefined
        ? tokenEndpoint === undefined && clientId === undefined && clientSecretFile === undefined
        : tokenEndpoint !== undefined && clientId !== undefined && clientSecretFile !== undefined,
    { error: 'give tokenFile, or tokenEndpoint with clientId and clientSecretFile' },
  )

/** Settings of a connection, to be spread into what has one. */
export const kafkaConnection = {
  brokers: z
    .array(z.string(brokerForm).regex(/^[^\s/]+:\d{1,5}$/, brokerForm), 'a list of brokers such as [localhost:9092]')
    .min(1, 'at least one broker'),
  ssl: z
    .union([z.boolean(), tls], 'true, false, or {caFile: …} and the like')
    .default(false)
    .describe('TLS; the host of a broker is always verified. true: its authority is one that the system trusts'),
  sasl: z
    .discriminatedUnion('mechanism', [passwordLogin, tokenLogin])
    .optional()
    .describe('How to log in; what the files hold is read again for every connection'),
}
export type ConnectionInput = z.output<z.ZodObject<typeof kafkaConnection>>

export interface ConnectionSettings {
  readonly brokers: readonly string[]
  /** false: no TLS. Paths are absolute. */
  readonly ssl: TlsFiles | false
  readonly sasl: LoginSettings | null
}

export type LoginSettings =
  | { readonly mechanism: (typeof mechanisms)[number]; readonly username: string; readonly passwordFile: string }
  | ({ readonly mechanism: 'oauthbearer'; readonly extensions: Readonly<Record<string, string>> } & (
      | { readonly tokenFile: string }
      | {
          readonly tokenEndpoint: string
          readonly clientId: string
          readonly clientSecretFile: string
          readonly scope: string | null
          /** Where it may be beside public addresses: `network.allow`. */
          readonly allow: readonly string[]
        }
    ))

export interface Surroundings {
  /** Makes a path absolute against the folder of the document. */
  readonly absolute: (path: string) => string
  /** `network.allow` */
  readonly allow: readonly string[]
}

export function resolveConnection(
  { brokers, ssl, sasl }: ConnectionInput,
  { absolute, allow }: Surroundings,
): ConnectionSettings {
  return {
    brokers,
    ssl: resolveTls(ssl, absolute),
    sasl: sasl === undefined ? null : resolveLogin(sasl, { absolute, allow }),
  }
}

function resolveTls(input: ConnectionInput['ssl'], absolute: (path: string) => string): TlsFiles | false {
  if (typeof input === 'boolean') return input ? {} : false
  const { caFile, certFile, keyFile } = input
  const path = (file: string | undefined) => (file === undefined ? undefined : absolute(file))
  return { caFile: path(caFile), certFile: path(certFile), keyFile: path(keyFile) }
}

function resolveLogin(input: NonNullable<ConnectionInput['sasl']>, { absolute, allow }: Surroundings): LoginSettings {
  if (input.mechanism !== 'oauthbearer') return { ...input, passwordFile: absolute(input.passwordFile) }
  const { mechanism, extensions, tokenFile, tokenEndpoint, clientId, clientSecretFile, scope } = input
  if (tokenFile !== undefined) return { mechanism, extensions, tokenFile: absolute(tokenFile) }
  if (tokenEndpoint === undefined || clientId === undefined || clientSecretFile === undefined)
    throw new Error('the schema lets no such login pass')
  return {
    mechanism,
    extensions,
    tokenEndpoint,
    clientId,
    clientSecretFile: absolute(clientSecretFile),
    scope: scope ?? null,
    allow,
  }
}
