// `target: http`: an orchestrator that the document describes itself.

import { z } from 'zod'
import type { Auth, HttpTarget } from '../../delivery/orchestrators/target.ts'
import { secretPath, url } from '../forms.ts'
import { httpBlocks, resolveBlocks } from './http-blocks.ts'
import { named } from './named.ts'
import { timing } from './preset-target.ts'
import type { SecretPlace } from './secret-place.ts'

const user = named('a user name')
const loginPath = z.string('a path that begins with /').regex(/^\/\S{0,1000}$/, 'a path that begins with /')

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('basic'), user, passwordFile: secretPath }),
  z.strictObject({ type: z.literal('bearer'), tokenFile: secretPath }),
  z.strictObject({
    type: z.literal('header'),
    header: z.string('the name of a header').regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header'),
    prefix: z.string('a text').max(100).default(''),
    tokenFile: secretPath,
  }),
  z.strictObject({
    type: z.literal('login'),
    path: loginPath.describe('Takes {username, password} and gives a token'),
    user,
    passwordFile: secretPath,
    token: z.string('a path in the answer').default('access_token').describe('Where the token is in the answer'),
  }),
  z.strictObject({
    type: z.literal('aws'),
    region: named('a region'),
    service: named('a service, such as sagemaker'),
    accessKeyFile: secretPath,
    secretKeyFile: secretPath,
    sessionTokenFile: secretPath.optional(),
  }),
  z.strictObject({ type: z.literal('signature'), secretFile: secretPath }),
])

export const httpSettings = z.strictObject({
  target: z.literal('http'),
  url: url.describe('What all paths come after'),
  auth: auth.optional().describe('How leeway shows who it is; left out: not at all'),
  ...timing,
  secrets: z
    .record(z.string().regex(/^[A-Za-z]\w{0,63}$/, 'a name of letters and digits'), secretPath)
    .default({})
    .describe('Files with secrets for headers and bodies: {{secrets.NAME}}'),
  ...httpBlocks,
})

export function resolveHttp(
  input: z.output<typeof httpSettings>,
  absolute: (path: string) => string,
): HttpTarget<SecretPlace> {
  const place = (setting: string, path: string): SecretPlace => ({ setting, place: absolute(path) })
  const secrets = Object.entries(input.secrets).map(([name, path]) => [name, place(`secrets.${name}`, path)] as const)
  return {
    ...resolveBlocks(input),
    calls: 'the orchestrator',
    url: input.url,
    timeoutMs: input.timeout,
    auth: resolveAuth(input.auth, (setting, path) => place(`auth.${setting}`, path)),
    settings: {},
    secrets: Object.fromEntries(secrets),
  }
}

function resolveAuth(
  input: z.output<typeof auth> | undefined,
  place: (setting: string, path: string) => SecretPlace,
): Auth<SecretPlace> {
  switch (input?.type) {
    case undefined:
      return { type: 'none' }
    case 'basic':
      return { type: 'basic', user: input.user, password: place('passwordFile', input.passwordFile) }
    case 'bearer':
      return { type: 'header', header: 'authorization', prefix: 'Bearer ', token: place('tokenFile', input.tokenFile) }
    case 'header':
      return { type: 'header', header: input.header, prefix: input.prefix, token: place('tokenFile', input.tokenFile) }
    case 'login': {
      const { type, path, user, passwordFile, token } = input
      return { type, path, user, password: place('passwordFile', passwordFile), token }
    }
    case 'aws': {
      const { type, region, service, accessKeyFile, secretKeyFile, sessionTokenFile } = input
      return {
        ...{ type, region, service },
        accessKey: place('accessKeyFile', accessKeyFile),
        secretKey: place('secretKeyFile', secretKeyFile),
        sessionToken: sessionTokenFile === undefined ? null : place('sessionTokenFile', sessionTokenFile),
      }
    }
    case 'signature':
      return { type: 'signature', secret: place('secretFile', input.secretFile) }
  }
}
