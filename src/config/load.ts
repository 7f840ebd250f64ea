// From the file to the settings of a run, or to everything that is wrong with the file.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { channelSettings, resolveChannel } from './channel-settings.ts'
import { ConfigError } from './config-error.ts'
import { crossCheck } from './cross-checks.ts'
import type { Document } from './document.ts'
import { documentSchema } from './document.ts'
import { pathText } from './explain.ts'
import { resolveHandling } from './handling-settings.ts'
import { resolveLiveness } from './liveness-settings.ts'
import { resolveModel } from './model-settings.ts'
import { resolveRetraining } from './retraining-settings.ts'
import { resolveRoute, routeToAll } from './route-settings.ts'
import type { Finding } from './schema-problems.ts'
import { check } from './schema-problems.ts'
import { findSecrets } from './secret-patterns.ts'
import { resolveMapping, resolveSource, sharedFormat } from './source-settings.ts'
import { parseYaml } from './yaml-text.ts'

/**
 * Reads and checks the configuration file.
 *
 * @throws ConfigError with every problem at once, each with its line
 */
export function loadDocument(path: string): Document {
  return readDocument(readText(path), path)
}

/**
 * Checks the text of a configuration file.
 *
 * @param file its name, for the errors, and for its folder: paths in the document are relative to it
 */
export function readDocument(text: string, file: string): Document {
  const yaml = parseYaml(text, file)
  const checked = check(documentSchema, yaml.value)
  const found = [...('findings' in checked ? checked.findings : []), ...crossCheck(yaml.value)]
  const told = new Set(found.map(({ path }) => pathText(path)))
  const findings: Finding[] = [...found, ...findSecrets(yaml.value).filter(({ path }) => !told.has(pathText(path)))]
  if ('findings' in checked || findings.length > 0) {
    const problems = findings.map(({ path, message }) => yaml.problem(path, message))
    throw new ConfigError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)))
  }
  const hash = createHash('sha256').update(text).digest('hex')
  return { ...resolveDocument(checked.data, file), written: yaml.value, hash }
}

function resolveDocument(
  input: ReturnType<typeof documentSchema.parse>,
  file: string,
): Omit<Document, 'hash' | 'written'> {
  const absolute = (path: string) => (path.startsWith('env:') ? path : resolve(dirname(file), path))
  const entries = <T, R>(record: Readonly<Record<string, T>>, resolveOne: (name: string, one: T) => R) =>
    new Map(Object.entries(record).map(([name, one]) => [name, resolveOne(name, one)]))
  const channels = entries(input.channels ?? { console: channelSettings.parse({ type: 'console' }) }, (name, one) =>
    resolveChannel(name, one, { absolute, allow: input.network.allow }),
  )
  return {
    file,
    sources: entries(input.sources, (name, one) => resolveSource(name, one, { absolute, allow: input.network.allow })),
    models: entries(input.models, (name, one) => {
      const source = input.sources[one.source]
      const format = source === undefined ? undefined : sharedFormat(source)
      const sourceMapping = format === undefined || format === 'canonical' ? undefined : resolveMapping(format)
      return resolveModel(name, one, { absolute, sourceMapping, segmentsMax: input.limits.segments })
    }),
    liveness: entries(input.models, (_, one) => resolveLiveness(one)),
    channels,
    routes: input.routes?.map(resolveRoute) ?? [routeToAll([...channels.keys()])],
    retraining: entries(input.retraining, (name, one) =>
      resolveRetraining(name, one, { absolute, allow: input.network.allow }),
    ),
    handling: resolveHandling(input),
    network: input.network,
    limits: input.limits,
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError([{ file: path, line: null, column: null, path: '', message: whyUnreadable(cause) }], {
      cause,
    })
  }
}

function whyUnreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ENOENT':
      return 'there is no such file; name another one with --config FILE'
    case 'EACCES':
      return 'this user may not read the file'
    case 'EISDIR':
      return 'this is a folder; name the file in it'
    default:
      return `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}
