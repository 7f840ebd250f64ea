// Fills `{{placeholders}}`. Each value enters as a value of the medium: in JSON as JSON, in a path as part of one segment, in a form
// as a field. What came with an event stays inside the place that the template gives it.

import type { JsonValue } from '../../retraining/orchestrator.ts'

/** What placeholders stand for, by name; nested ones by path. */
export type Values = { readonly [name: string]: JsonValue }

/** A template that cannot be filled with these values. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

const placeholder = /\{\{\s*([A-Za-z][\w.-]*)\s*(?:\|\s*([a-z]+)\s*)?\}\}/g
const alone = new RegExp(`^${placeholder.source}$`)

/** Forms in which a value can be asked for: `{{parameters|assignments}}`. */
const forms: Readonly<Record<string, (value: JsonValue) => JsonValue>> = {
  /** JSON as text. */
  json: (value) => JSON.stringify(value),
  /** Names and values as a list of `name=value`. */
  assignments: (value) => entriesOf(value).map(([name, one]) => `${name}=${textOf(one)}`),
  /** The same as `[{key, value}]`. */
  pairs: (value) => entriesOf(value).map(([key, one]) => ({ key, value: textOf(one) })),
  /** The same as `[{Name, Value}]`. */
  named: (value) => entriesOf(value).map(([Name, one]) => ({ Name, Value: textOf(one) })),
  /** The same with every value as text. */
  texts: (value) => Object.fromEntries(entriesOf(value).map(([name, one]) => [name, textOf(one)])),
}

/** A setting that is several steps of a path: `owner/name`. */
const STEPS = 'steps'

/** Fills a template of any shape. A text that is one placeholder becomes its value, whatever that is. */
export function fillJson(template: JsonValue, values: Values): JsonValue {
  if (typeof template === 'string') {
    const whole = alone.exec(template)
    return whole === null ? fillText(template, values) : lookUp(whole, values)
  }
  if (typeof template !== 'object' || template === null) return template
  if (Array.isArray(template)) return template.map((one: JsonValue) => fillJson(one, values))
  return Object.fromEntries(Object.entries(template).map(([name, one]) => [name, fillJson(one, values)]))
}

/** Fills a text; values stand in it as they are. For media that have no syntax of their own. */
export function fillText(template: string, values: Values): string {
  return template.replace(placeholder, (...match) => textOf(lookUp(match as unknown as RegExpExecArray, values)))
}

/**
 * Fills a path: a value is one part of it, whatever characters it has.
 *
 * @throws TemplateError for a value that would be a step of the path
 */
export function fillPath(template: string, values: Values): string {
  const filled = template.replace(placeholder, (...match) => {
    const text = textOf(lookUp(match as unknown as RegExpExecArray, values)).toWellFormed()
    return match[2] === STEPS ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text)
  })
  if (filled.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    throw new TemplateError(`${JSON.stringify(filled)} is no path: a part of it is a step up or nowhere`)
  return filled
}

/** Fills the value of a header: visible ASCII only, everything else as in a path. */
export function fillHeader(template: string, values: Values): string {
  return fillText(template, values)
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))
}

/** What placeholders a template has, each with what keeps it from ever being filled. */
export function* placeholdersOf(
  template: JsonValue,
): Iterable<{ readonly name: string; readonly fault: string | null }> {
  if (typeof template === 'string') {
    for (const [, name = '', form] of template.matchAll(placeholder)) yield { name, fault: faultOfForm(name, form) }
    if (/\{\{|\}\}/.test(template.replace(placeholder, '')))
      yield { name: '', fault: 'there is a {{ or }} that belongs to no placeholder such as {{model}}' }
  } else if (typeof template === 'object' && template !== null) {
    for (const one of Object.values(template)) yield* placeholdersOf(one as JsonValue)
  }
}

function faultOfForm(name: string, form: string | undefined): string | null {
  if (form === undefined || Object.hasOwn(forms, form)) return null
  if (form === STEPS)
    return name.startsWith('settings.') ? null : `only settings may be several steps of a path, not {{${name}}}`
  return `there is no form called ${form} (${Object.keys(forms).join(', ')})`
}

function lookUp([, path = '', form]: RegExpExecArray, values: Values): JsonValue {
  let value: JsonValue | undefined = values
  for (const step of path.split('.'))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? (value as Values)[step] : undefined
  const change = form === undefined ? undefined : forms[form]
  return change === undefined ? (value ?? null) : change(value ?? null)
}

function textOf(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function entriesOf(value: JsonValue): Array<[string, JsonValue]> {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
