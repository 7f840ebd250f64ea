// What a request asks for in its query, checked.

import type { Instant } from '../time.ts'
import { parseInstant } from '../time.ts'
import type { Request } from './route.ts'
import { HttpError } from './route.ts'

const LIMIT_DEFAULT = 100
const LIMIT_MAX = 10_000

export function textOf<Name extends string>(query: Request['query'], ...names: Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) if (query[name] !== undefined) found[name] = query[name]
  return found
}

export function oneOf<Name extends string, Value extends string>(
  query: Request['query'],
  name: Name,
  values: readonly Value[],
): Partial<Record<Name, Value>> {
  const value = query[name]
  if (value === undefined) return {}
  if (!values.includes(value as Value))
    throw new HttpError(400, `${name}: ${JSON.stringify(value)} is not one of ${values.join(', ')}`)
  return { [name]: value } as Partial<Record<Name, Value>>
}

export function orderOf(query: Request['query']) {
  return oneOf(query, 'order', ['newest', 'oldest'] as const)
}

export function timesOf(query: Request['query']): { from?: Instant; to?: Instant } {
  const times: { from?: Instant; to?: Instant } = {}
  for (const name of ['from', 'to'] as const) {
    if (query[name] === undefined) continue
    const time = parseInstant(query[name])
    if (time === undefined)
      throw new HttpError(400, `${name}: ${JSON.stringify(query[name])} is not a time such as 2026-11-23T08:00:00Z`)
    times[name] = time
  }
  return times
}

export function limitOf({ limit }: Request['query']): number {
  if (limit === undefined) return LIMIT_DEFAULT
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > LIMIT_MAX)
    throw new HttpError(400, `limit: ${JSON.stringify(limit)} is not a whole number from 1 to ${LIMIT_MAX}`)
  return Number(limit)
}
