// Whether leeway may connect to what the document names, as far as that can be told without asking a name server.

import { isIP } from 'node:net'
import { z } from 'zod'
import type { AllowRule } from '../outbound/addresses.ts'
import { parseAllowed, plainHost } from '../outbound/addresses.ts'
import { whyRefused } from '../outbound/outbound.ts'
import type { ChannelInput } from './channel-settings.ts'
import type { RetrainingInput } from './retraining-settings.ts'
import type { Finding } from './schema-problems.ts'
import type { SourceInput } from './source-settings.ts'

interface Targets {
  readonly sources: ReadonlyMap<string, SourceInput>
  readonly channels: ReadonlyMap<string, ChannelInput>
  readonly retraining: ReadonlyMap<string, RetrainingInput>
}

/**
 * Targets that would be refused at the first message or login.
 *
 * @param network the section as it was written
 */
export function checkTargets({ sources, channels, retraining }: Targets, network: unknown): Finding[] {
  const { allow } = z.object({ allow: z.array(z.string()) }).safeParse(network).data ?? { allow: [] }
  const rules = allow.flatMap((text) => parseAllowed(text) ?? [])
  return [
    ...[...sources].flatMap(([name, source]) => checkTokenEndpoint(['sources', name], source, rules)),
    ...[...channels].flatMap(([name, channel]) => checkChannel(['channels', name], channel, rules)),
    ...[...retraining].flatMap(([name, target]) => checkTarget(['retraining', name], target, rules)),
  ]
}

function checkChannel(path: Finding['path'], channel: ChannelInput, rules: readonly AllowRule[]): Finding[] {
  if (channel.type === 'kafka') return checkTokenEndpoint(path, channel, rules)
  if (channel.type === 'alertmanager')
    return channel.urls.flatMap((one, i) => checkUrl([...path, 'urls', i], one, rules))
  if ('url' in channel && channel.url !== undefined) return checkUrl([...path, 'url'], channel.url, rules)
  return 'host' in channel ? checkHost([...path, 'host'], channel.host, rules) : []
}

function checkTarget(path: Finding['path'], target: RetrainingInput, rules: readonly AllowRule[]): Finding[] {
  const { url, sasl } = target
  const endpoint = sasl?.mechanism === 'oauthbearer' ? sasl.tokenEndpoint : undefined
  return [
    ...(url === undefined ? [] : checkUrl([...path, 'url'], url, rules)),
    ...(endpoint === undefined ? [] : checkUrl([...path, 'sasl', 'tokenEndpoint'], endpoint, rules)),
  ]
}

function checkTokenEndpoint(
  path: Finding['path'],
  owner: SourceInput | ChannelInput,
  rules: readonly AllowRule[],
): Finding[] {
  if (owner.type !== 'kafka' || owner.sasl?.mechanism !== 'oauthbearer') return []
  const { tokenEndpoint } = owner.sasl
  return tokenEndpoint === undefined ? [] : checkUrl([...path, 'sasl', 'tokenEndpoint'], tokenEndpoint, rules)
}

function checkUrl(path: Finding['path'], text: string, rules: readonly AllowRule[]): Finding[] {
  const { protocol, hostname } = new URL(text)
  const host = plainHost(hostname)
  const isEncrypted = protocol === 'https:'
  if (isIP(host) !== 0) return refusal(path, whyRefused({ host, addresses: [host], rules, isEncrypted }))
  // Without any range in the list, only the name itself could be listed.
  const mayBeListed = rules.some((rule) => rule.coversName(host) || !rule.isName)
  if (isEncrypted || mayBeListed) return []
  return [
    {
      path,
      message: `http:// is not encrypted: use https://, or, for a host of your own network, write network: {allow: [${host}]}`,
    },
  ]
}

function checkHost(path: Finding['path'], host: string, rules: readonly AllowRule[]): Finding[] {
  return isIP(host) === 0 ? [] : refusal(path, whyRefused({ host, addresses: [host], rules, isEncrypted: true }))
}

function refusal(path: Finding['path'], message: string | undefined): Finding[] {
  return message === undefined ? [] : [{ path, message }]
}
