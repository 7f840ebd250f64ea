// What a valid configuration says, in short: for `leeway check`.

import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { ChannelSettings } from '../config/channel-settings.ts'
import type { Document } from '../config/document.ts'
import type { ConnectionSettings } from '../config/kafka-settings.ts'
import type { ModelSettings, ReferenceSettings } from '../config/model-settings.ts'
import type { RetrainingSettings } from '../config/retraining-settings.ts'
import type { RouteSettings } from '../config/route-settings.ts'
import { secretPlaces } from '../config/secret-places.ts'
import type { EventFormat, SourceSettings } from '../config/source-settings.ts'
import { whereIs } from '../config/targets/targets.ts'
import type { PresetSettings } from '../reference/preset.ts'
import { formatDuration } from '../time.ts'

/** Name and description of each part. */
type Lines = ReadonlyArray<{ readonly name: string; readonly says: string }>

export interface Summary {
  readonly file: string
  readonly sources: Lines
  readonly models: Lines
  readonly channels: Lines
  readonly routes: Lines
  readonly retraining: Lines
}

export function summaryOf(document: Document): Summary {
  const lines = <T>(parts: ReadonlyMap<string, T>, describe: (part: T) => string) =>
    [...parts].map(([name, part]) => ({ name, says: describe(part) }))
  return {
    file: document.file,
    sources: lines(document.sources, describeSource),
    models: lines(document.models, describeModel),
    channels: lines(document.channels, describeChannel),
    routes: document.routes.map((route) => ({ name: route.to.join(', '), says: describeRoute(route) })),
    retraining: lines(document.retraining, describeRetraining),
  }
}

export function summaryText({ file, ...parts }: Summary): string {
  const all = Object.values(parts).flat()
  const width = Math.max(...all.map(({ name }) => name.length))
  const sections = Object.entries(parts).filter(([, lines]) => lines.length > 0)
  const texts = sections.map(([title, lines]) =>
    [title, ...lines.map(({ name, says }) => `  ${name.padEnd(width)}  ${says}`)].join('\n'),
  )
  return `${file} is valid\n${texts.join('\n')}\n`
}

function describeSource(source: SourceSettings): string {
  if (source.type === 'file') return `file ${shown(source.path)}, ${describeFormat(source.events)}`
  const topics = [...source.topics].map(([topic, format]) => `${topic} (${describeFormat(format)})`)
  return `kafka ${source.brokers.join(', ')}, topics ${topics.join(', ')}`
}

function describeFormat(format: EventFormat): string {
  return format === 'canonical' ? 'canonical events' : 'mapped columns'
}

function describeModel({ source, task, reference, watch }: ModelSettings): string {
  const windows = watch.windows.map(({ name, slideMs }) => `${name} every ${formatDuration(slideMs)}`)
  return `${task}, events of ${source}; reference ${describeReference(reference)}; windows ${windows.join(', ')}; ${watch.metrics.join(', ')}${describePresets(watch.presets)}`
}

/** Presets are told apart: they know nothing of the false-alarm budget. */
function describePresets(presets: PresetSettings | undefined): string {
  if (presets === undefined) return ''
  const names = new Set([presets.all, ...Object.values(presets.columns)].flatMap((choice) => choice?.preset.name ?? []))
  return names.size === 0 ? '' : `; drift as by ${[...names].join(', ')}: noisy`
}

function describeReference(reference: ReferenceSettings): string {
  switch (reference.from) {
    case 'file':
      return shown(reference.file)
    case 'profile':
      return `profile ${shown(reference.profile)}`
    case 'stream':
      return `from the first ${formatDuration(reference.firstMs)}`
  }
}

function describeChannel(channel: ChannelSettings): string {
  switch (channel.type) {
    case 'console':
      return 'console'
    case 'slack':
      return `slack ${channel.channel}${channel.appTokenFile === null ? '' : `, buttons for ${channel.people.size} people`}`
    case 'slackWebhook':
      return 'slack, by an incoming webhook: no threads, charts or buttons'
    case 'email':
      return `email to ${channel.to.join(', ')} by ${channel.host}:${channel.port}${channel.plainText ? ', also without TLS' : ''}`
    case 'webhook':
      return `webhook ${hostOf(channel.url)}`
    case 'pagerduty':
      return `pagerduty ${hostOf(channel.url)}`
    case 'teams':
      return 'teams, by a workflow'
    case 'alertmanager':
      return `alertmanager ${channel.urls.map(hostOf).join(', ')}`
    case 'grafana':
      return `grafana ${hostOf(channel.url)}${channel.dashboard === null ? '' : `, dashboard ${channel.dashboard.uid}`}`
    case 'kafka':
      return `kafka ${channel.brokers.join(', ')}, topic ${channel.topic}`
  }
}

function describeRoute({ model, kind, severity }: RouteSettings): string {
  const wanted = [model, kind, severity].filter((part) => part !== null)
  return wanted.length === 0 ? 'everything' : wanted.join(', ')
}

function describeRetraining({ target, rule }: RetrainingSettings): string {
  const { on, approval } = rule
  const yes = { none: '', required: ', after approval', automatic: ', unless somebody says no' }[approval.is]
  return `${target.name} ${whereIs(target)} on ${on.join(', ') || 'no incident'}${yes}`
}

/** The rest of an address may be a secret. */
function hostOf(url: string): string {
  return new URL(url).origin
}

function shown(path: string): string {
  return relative(process.cwd(), path)
}

/** Files that the document names and that are not there: no fault of the document, which may be meant for another machine. */
export function missingFiles(document: Document): ReadonlyArray<{ readonly path: string; readonly file: string }> {
  return [...namedFiles(document)].filter(({ file }) => !existsSync(file))
}

function* namedFiles(document: Document): Iterable<{ path: string; file: string }> {
  for (const source of document.sources.values()) {
    if (source.type === 'file') yield { path: `sources.${source.name}.path`, file: source.path }
    else yield* certificatesOf(`sources.${source.name}`, source)
  }
  for (const channel of document.channels.values())
    if (channel.type === 'kafka') yield* certificatesOf(`channels.${channel.name}`, channel)
  for (const { name, reference } of document.models.values()) {
    if (reference.from === 'file') yield { path: `models.${name}.reference.file`, file: reference.file }
    if (reference.from === 'profile') yield { path: `models.${name}.reference.profile`, file: reference.profile }
  }
  for (const { path, place } of secretPlaces(document)) if (!place.startsWith('env:')) yield { path, file: place }
}

function* certificatesOf(path: string, { ssl }: ConnectionSettings): Iterable<{ path: string; file: string }> {
  if (ssl === false) return
  const { caFile, certFile } = ssl
  for (const [setting, file] of Object.entries({ caFile, certFile }))
    if (file !== undefined) yield { path: `${path}.ssl.${setting}`, file }
}
