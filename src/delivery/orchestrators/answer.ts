// What an orchestrator answered, looked into by path.

import type { OutgoingAnswer } from '../../outbound/outbound.ts'
import { withoutSecrets } from '../../secret.ts'
import { safeLine } from '../text-safety.ts'
import type { Conditions, ValueFrom } from './target.ts'
import type { Values } from './template.ts'
import { fillText } from './template.ts'

/** An answer, its body read as JSON; undefined when it is none. */
export interface ReadAnswer extends OutgoingAnswer {
  readonly json: unknown
}

/** Ids and states longer than this are none. */
const TEXT_MAX = 1_000
const SAID_MAX = 200

export function read(answer: OutgoingAnswer): ReadAnswer {
  try {
    return { ...answer, json: answer.isWhole ? JSON.parse(answer.text) : undefined }
  } catch {
    return { ...answer, json: undefined }
  }
}

/** What lies at a path such as `data.runs.0.id` or `tags.key=team.value`; keys of the value itself only. */
export function valueAt(json: unknown, path: string): unknown {
  return path === '' ? json : path.split('.').reduce(stepInto, json)
}

/** Into an object by name, into a list by number or, `name=value`, to the first of its objects that has it. */
function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const [name = '', wanted] = step.split('=')
  if (Array.isArray(value) && wanted !== undefined)
    return value.find((one: unknown) => typeof one === 'object' && one !== null && stepInto(one, name) === wanted)
  return Object.hasOwn(value, step) ? (value as Readonly<Record<string, unknown>>)[step] : undefined
}

/** The same as text: of texts, numbers and truth values. */
export function textAt(json: unknown, path: string): string | undefined {
  const value = valueAt(json, path)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  const text = String(value)
  return text !== '' && text.length <= TEXT_MAX ? text : undefined
}

export function extract(from: ValueFrom, { json, headers }: ReadAnswer, values: Values): string | undefined {
  switch (from.from) {
    case 'body':
      return textAt(json, from.path)
    case 'text':
      return fillText(from.text, values)
    case 'header': {
      const value = headers[from.header.toLowerCase()]
      const text = Array.isArray(value) ? value[0] : value
      if (text === undefined || text.length > TEXT_MAX) return undefined
      return from.pattern === null ? text : from.pattern.exec(text)?.[1]
    }
  }
}

/** Whether all of these hold; of none, true. */
export function holdAll(conditions: Conditions, json: unknown, values: Values): boolean {
  return Object.entries(conditions).every((condition) => holds(condition, json, values))
}

/** Whether one of these holds; of none, false. */
export function holdsOne(conditions: Conditions, json: unknown, values: Values): boolean {
  return Object.entries(conditions).some((condition) => holds(condition, json, values))
}

function holds([path, wanted]: [string, readonly string[]], json: unknown, values: Values): boolean {
  return wanted.some((one) => {
    const part = /^\*(.+)\*$/s.exec(one)?.[1]
    if (part === undefined) return textAt(json, path) === fillText(one, values)
    const found = valueAt(json, path)
    const text = typeof found === 'string' ? found : JSON.stringify(found)
    return text?.includes(fillText(part, values)) === true
  })
}

/** Status and words of an answer, on one line, without secrets. */
export function said({ status, text, json }: ReadAnswer, because: readonly string[] = []): string {
  const reason = because.flatMap((path) => reasonAt(json, path))[0]
  // Cleaned before it is cut: half a secret is one too.
  const words = safeLine(
    withoutSecrets(reason ?? text)
      .replace(/\s+/g, ' ')
      .trim(),
    SAID_MAX,
  )
  return words === '' ? String(status) : `${status} ${words}`
}

function reasonAt(json: unknown, path: string): string[] {
  const value = valueAt(json, path)
  if (value === undefined || value === null || value === '') return []
  return [typeof value === 'string' ? value : JSON.stringify(value)]
}
