// What a schema cannot see: whether the parts of the document fit each other.

import { z } from 'zod'
import type { ChannelInput } from './channel-settings.ts'
import { channelSettings, takesDigests } from './channel-settings.ts'
import { suggest } from './explain.ts'
import { digests } from './handling-settings.ts'
import { limits } from './limits.ts'
import { checkSourceMappings } from './mapping-checks.ts'
import type { ValidParts } from './model-checks.ts'
import { checkModel, validParts } from './model-checks.ts'
import { checkTargets } from './network-checks.ts'
import type { RetrainingInput } from './retraining-settings.ts'
import { retrainingSettings } from './retraining-settings.ts'
import type { RouteInput } from './route-settings.ts'
import { route } from './route-settings.ts'
import type { Finding } from './schema-problems.ts'
import type { SourceInput } from './source-settings.ts'
import { sharedFormat, sourceSettings } from './source-settings.ts'
import { faultsOfTarget } from './targets/targets.ts'

/** The valid parts of a section by name, and the names of all of them: a part with faults exists nevertheless. */
interface Section<T> {
  readonly names: readonly string[]
  readonly valid: ReadonlyMap<string, T>
}

/**
 * Checks how the parts of a document fit each other.
 *
 * Takes the document as it was written, so that a fault in one part does not hide those between the others: all are reported at once.
 */
export function crossCheck(document: unknown): Finding[] {
  const parts = z.looseObject({}).safeParse(document).data ?? {}
  const { segments: segmentsMax } = limits.safeParse(parts['limits'] ?? {}).data ?? limits.parse({})
  const sources: Section<SourceInput> = section(parts['sources'], parsedBy(sourceSettings))
  const models: Section<ValidParts> = section(parts['models'], validParts)
  const channels: Section<ChannelInput> = section(parts['channels'], parsedBy(channelSettings))
  const retraining: Section<RetrainingInput> = section(parts['retraining'], parsedBy(retrainingSettings))
  const channelNames = parts['channels'] === undefined ? ['console'] : channels.names
  return [
    ...[...sources.valid].flatMap(([name, source]) => checkSourceMappings(name, source)),
    ...[...models.valid].flatMap(([name, model]) => checkModel(name, model, { sources, segmentsMax })),
    ...checkOwners(models, sources),
    ...[...channels.valid].flatMap(([name, channel]) => [...checkLogin(name, channel), ...checkButtons(name, channel)]),
    ...checkFallbacks(channels),
    ...checkTargets(
      { sources: sources.valid, channels: channels.valid, retraining: retraining.valid },
      parts['network'],
    ),
    ...checkRoutes(parts['routes'], channelNames, models.names),
    ...[...retraining.valid].flatMap(([name, target]) =>
      faultsOfTarget(target).map(({ path, message }) => ({ path: ['retraining', name, ...path], message })),
    ),
    ...checkDigests(parts['digests'], channelNames, models.names),
    ...checkTakers(parts['digests'], channels.valid),
    ...retraining.names
      .filter((name) => !models.names.includes(name))
      .map((name) => ({ path: ['retraining', name], message: noModel(name, models.names) })),
  ]
}

function section<T>(value: unknown, read: (part: unknown) => T | undefined): Section<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { names: [], valid: new Map() }
  const valid = new Map<string, T>()
  for (const [name, part] of Object.entries(value)) {
    const readPart = read(part)
    if (readPart !== undefined) valid.set(name, readPart)
  }
  return { names: Object.keys(value), valid }
}

function parsedBy<T>(schema: z.ZodType<T>): (part: unknown) => T | undefined {
  return (part) => schema.safeParse(part).data
}

/** Mapped records name no model, so that only one model can own those of a source. */
function checkOwners(models: Section<ValidParts>, sources: Section<SourceInput>): Finding[] {
  const ownerOf = new Map<string, string>()
  const findings: Finding[] = []
  for (const [name, { source }] of models.valid) {
    if (source === undefined) continue
    const input = sources.valid.get(source)
    const owner = ownerOf.get(source)
    ownerOf.set(source, owner ?? name)
    if (input === undefined || owner === undefined || sharedFormat(input) === 'canonical') continue
    findings.push({
      path: ['models', name, 'source'],
      message: `the mapped events of ${source} name no model and belong to ${owner} already; give each model a source of its own`,
    })
  }
  return findings
}

function checkLogin(name: string, channel: ChannelInput): Finding[] {
  if (channel.type !== 'email' || (channel.user === undefined) === (channel.passwordFile === undefined)) return []
  const [present, missing] = channel.user === undefined ? ['passwordFile', 'user'] : ['user', 'passwordFile']
  return [
    { path: ['channels', name, present], message: `${missing} is missing: to log in, the mail server needs both` },
  ]
}

/** @returns what leads nowhere, or back to where it began: then nobody would be told */
function checkFallbacks({ names, valid }: Section<ChannelInput>): Finding[] {
  return [...valid].flatMap(([name, { fallback }]) => {
    if (fallback === undefined) return []
    const path = ['channels', name, 'fallback']
    if (!names.includes(fallback)) return [{ path, message: noChannel(fallback, names) }]
    const way = [name]
    for (let next: string | undefined = fallback; next !== undefined; next = valid.get(next)?.fallback) {
      way.push(next)
      // Told once, at the first of them.
      if (next === name && way.every((other) => name <= other))
        return [
          { path, message: `it leads back to ${name} (${way.join(' → ')}); name a channel outside of the circle` },
        ]
      if (way.indexOf(next) < way.length - 1) break
    }
    return []
  })
}

function noChannel(name: string, channels: readonly string[]): string {
  return `there is no channel called ${name}${suggest(name, channels)} (channels: ${channels.join(', ')})`
}

/** Buttons need a connection, and somebody who may press them. */
function checkButtons(name: string, channel: ChannelInput): Finding[] {
  if (channel.type !== 'slack') return []
  const hasPeople = Object.keys(channel.people).length > 0
  if (channel.appTokenFile !== undefined && !hasPeople)
    return [
      {
        path: ['channels', name, 'appTokenFile'],
        message:
          'people is missing: nobody could press the buttons; write people: {U024BE7LH: {name: ann, role: approver}}',
      },
    ]
  if (channel.appTokenFile === undefined && hasPeople)
    return [{ path: ['channels', name, 'people'], message: 'appTokenFile is missing: without it there are no buttons' }]
  return []
}

function checkRoutes(routes: unknown, channels: readonly string[], models: readonly string[]): Finding[] {
  if (!Array.isArray(routes)) return []
  return routes.flatMap((written, i) => {
    const result = route.safeParse(written)
    return result.success
      ? checkRoute(result.data, channels, models).map(({ path, message }) => ({
          path: ['routes', i, ...path],
          message,
        }))
      : []
  })
}

function checkRoute(
  { match, to, escalate }: RouteInput,
  channels: readonly string[],
  models: readonly string[],
): Finding[] {
  const findings: Finding[] = []
  if (match.model !== undefined && !models.includes(match.model))
    findings.push({ path: ['match', 'model'], message: noModel(match.model, models) })
  return [
    ...findings,
    ...checkChannels(['to'], to, channels),
    ...checkChannels(['escalate', 'to'], escalate?.to ?? [], channels),
  ]
}

function checkChannels(path: Finding['path'], to: readonly string[], channels: readonly string[]): Finding[] {
  return to.flatMap((channel, i) =>
    channels.includes(channel)
      ? []
      : [
          {
            path: [...path, i],
            message: noChannel(channel, channels),
          },
        ],
  )
}

function checkDigests(written: unknown, channels: readonly string[], models: readonly string[]): Finding[] {
  const { data = {} } = digests.safeParse(written ?? {})
  return Object.entries(data).flatMap(([name, digest]) => [
    ...checkChannels(['digests', name, 'to'], digest.to, channels),
    ...(digest.models ?? []).flatMap((model, i) =>
      models.includes(model) ? [] : [{ path: ['digests', name, 'models', i], message: noModel(model, models) }],
    ),
  ])
}

/** Channels that no digest can be told to. */
function checkTakers(written: unknown, channels: ReadonlyMap<string, ChannelInput>): Finding[] {
  const { data = {} } = digests.safeParse(written ?? {})
  return Object.entries(data).flatMap(([name, { to }]) =>
    to.flatMap((channel, i) => {
      const input = channels.get(channel)
      if (input === undefined || takesDigests(input)) return []
      const message = `${channel} is a channel of type ${input.type}, which holds alerts alone; send digests to another one`
      return [{ path: ['digests', name, 'to', i], message }]
    }),
  )
}

function noModel(name: string, models: readonly string[]): string {
  return `there is no model called ${name}${suggest(name, models)} (models: ${models.join(', ')})`
}
