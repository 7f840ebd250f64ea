// What a schema cannot see in a mapping of columns.

import type { EventMapping } from '../events/mapping.ts'
import type { Path } from './explain.ts'
import type { Finding } from './schema-problems.ts'
import type { SourceInput } from './source-settings.ts'

/** Everything that does not fit in the mappings of a source. */
export function checkSourceMappings(name: string, source: SourceInput): Finding[] {
  const path = ['sources', name]
  if (source.type === 'file') return checkMapping([...path, 'events'], source.events)
  const { topics, events } = source
  if (Array.isArray(topics)) {
    const twice = topics.flatMap((topic, i) =>
      topics.indexOf(topic) === i ? [] : [{ path: [...path, 'topics', i], message: `${topic} is listed twice` }],
    )
    return [...twice, ...checkMapping([...path, 'events'], events ?? 'canonical')]
  }
  const findings = Object.entries(topics).flatMap(([topic, own]) =>
    checkMapping([...path, 'topics', topic, 'events'], own.events),
  )
  if (events === undefined) return findings
  return [...findings, { path: [...path, 'events'], message: 'each topic has events of its own; leave this out' }]
}

/** Everything that does not fit in one mapping. */
export function checkMapping(path: Path, mapping: EventMapping | 'canonical'): Finding[] {
  if (mapping === 'canonical') return []
  const findings: Finding[] = []
  const { time, label, labelTime, features } = mapping
  const fault = (key: string, message: string) => findings.push({ path: [...path, key], message })
  if (time === undefined && label === undefined) {
    findings.push({
      path,
      message: 'a record needs a time to be a prediction, or a label to be a label; name the column of one of them',
    })
  }
  if (labelTime !== undefined && label === undefined)
    fault('labelTime', 'there is no label that could have a time; name its column in label, or leave this out')
  if (label !== undefined && time === undefined && labelTime === undefined)
    fault('label', 'a label needs a time; name its column in labelTime')
  const columns = features === undefined ? [] : Array.isArray(features) ? features : Object.values(features)
  const isTruth = (column: string) => column === label || column === labelTime
  for (const column of columns.filter(isTruth))
    fault('features', `${column} is the label or its time; as a feature it would show the model its own answer`)
  return findings
}
