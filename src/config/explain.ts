// The words of an error: where, what was found, and which name was probably meant.

import { looksSecret } from './secret-patterns.ts'

/** Keys and indices from the root of the document to a value. */
export type Path = readonly PropertyKey[]

/**
 * A path as people write it.
 *
 * @example pathText(['models', 'credit risk', 'windows', 0]) // 'models["credit risk"].windows[0]'
 */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z_][\w-]*$/.test(String(step))) text += `${text === '' ? '' : '.'}${String(step)}`
    else text += `[${JSON.stringify(String(step))}]`
  }
  return text
}

/** The value at a path; undefined where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<PropertyKey, unknown>)[step]
  }
  return value
}

const shownLength = 60
const shownKeys = 6

/** A value and its type, in a few words. */
export function describeFound(value: unknown): string {
  if (value === null) return 'found no value after the colon'
  if (typeof value === 'string') {
    if (looksSecret(value)) return 'found other text (not shown, it may be a secret)'
    return `found ${JSON.stringify(value.length > shownLength ? `${value.slice(0, shownLength)}…` : value)} (text)`
  }
  if (Array.isArray(value)) return `found a list of ${value.length}`
  if (typeof value !== 'object') return `found ${value} (${typeof value})`
  const keys = Object.keys(value)
  const more = keys.length > shownKeys ? ', …' : ''
  return keys.length === 0 ? 'found {}' : `found the keys ${keys.slice(0, shownKeys).join(', ')}${more}`
}

/** Names one after another: `a, b or c`. */
export function listNames(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`
}

/** `; did you mean windows?`, or nothing when no name is near. */
export function suggest(name: string, names: Iterable<string>): string {
  const nearest = nearestName(name, names)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

/**
 * The name that was probably meant: the one with the fewest slips of the pen between it and what was written.
 *
 * The beginning or end of a longer name counts too (`pasword` for passwordFile, `auc` for roc_auc), after whole names.
 *
 * @returns undefined when even the nearest needs more slips than a third of its letters
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const name of names) {
    const slips = slipsBetween(written.toLowerCase(), name.toLowerCase())
    if (slips < fewest) {
      nearest = name
      fewest = slips
    }
  }
  return nearest
}

/** Shorter names are often near each other without anybody having slipped. */
const SLIP_MIN_LENGTH = 5

/**
 * The name that was almost certainly meant: all of it but one slip of the pen. For names that may well be another's, so that what is
 * only alike (`country` and `country_risk`), or numbered (`score_1` and `score_2`), is none.
 */
export function slipOf(written: string, names: Iterable<string>): string | undefined {
  if (written.length < SLIP_MIN_LENGTH) return undefined
  const isSlip = (name: string) =>
    name.replace(/\D/g, '') === written.replace(/\D/g, '') &&
    editDistance(written.toLowerCase(), name.toLowerCase()) <= 1
  for (const name of names) if (name !== written && isSlip(name)) return name
  return undefined
}

function slipsBetween(written: string, name: string): number {
  const { length } = written
  const whole = editDistance(written, name)
  if (whole <= Math.max(1, Math.floor(Math.max(name.length, length) / 3))) return whole
  if (length < 3 || name.length <= length) return Number.POSITIVE_INFINITY
  const parts = [name.slice(0, length), name.slice(0, length + 1), name.slice(-length)]
  const part = Math.min(...parts.map((text) => editDistance(written, text)))
  return part <= Math.floor(length / 4) ? part + 0.5 : Number.POSITIVE_INFINITY
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to turn one text into the other.
 *
 * @see Damerau (1964), A technique for computer detection and correction of spelling errors, CACM 7(3); restricted form
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      let slips = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) slips = Math.min(slips, (beforeLast[j - 2] as number) + 1)
      row.push(slips)
    }
    beforeLast = last
    last = row
  }
  return last[to.length] as number
}
