// Whether an answer agrees with a golden case.

import { UndefinedStatisticError } from '../../src/statistics/undefined-statistic.ts'
import type { Call, GoldenCase } from './call.ts'
import { Arguments, numberOf } from './call.ts'

export interface Outcome {
  /** What disagrees; null when all that is served agrees. */
  readonly failure: string | null
  /** Members of the expected value that the call does not serve: with any, the case has not passed. */
  readonly unservedMembers: readonly string[]
}

/** What a statistic without a value answers: null with a reason. */
interface Undefined {
  readonly value: null
  readonly reason: string
}

type Result = { readonly answer: unknown } | { readonly thrown: Error }

export async function judge(golden: GoldenCase, call: Call): Promise<Outcome> {
  const result = await runCall(golden, call)
  if (wantsError(golden.expected)) return { failure: missingError(golden, result), unservedMembers: [] }
  if ('thrown' in result)
    return { failure: `threw ${result.thrown.name}: ${result.thrown.message}`, unservedMembers: [] }
  if (call.assess !== undefined) {
    const expected = new Arguments(golden.expected as Record<string, unknown>)
    return { failure: call.assess(result.answer, expected, golden.tolerance), unservedMembers: [] }
  }
  const { wanted, unservedMembers } = served(golden.expected, call)
  const differences = [...compare(result.answer, wanted, golden.tolerance, '')]
  if (differences.length === 0 && golden.truth !== undefined && call.refute !== undefined) {
    const refuted = call.refute(
      result.answer,
      new Arguments(golden.truth),
      Math.max(golden.tolerance.abs, golden.tolerance.rel),
    )
    if (refuted !== null) differences.push(refuted)
  }
  return { failure: differences.length === 0 ? null : differences.join('; '), unservedMembers }
}

async function runCall(golden: GoldenCase, call: Call): Promise<Result> {
  try {
    return { answer: await call.run(new Arguments(golden.args)) }
  } catch (error) {
    if (error instanceof UndefinedStatisticError)
      return { answer: { value: null, reason: error.message } satisfies Undefined }
    if (error instanceof Error) return { thrown: error }
    throw error
  }
}

function wantsError(expected: unknown): boolean {
  return typeof expected === 'object' && expected !== null && (expected as { error?: unknown }).error === true
}

/** The project's names of arguments that golden files name differently. */
const alias: Readonly<Record<string, readonly string[]>> = {
  df: ['degrees'],
  x: ['z'],
  trials: ['n'],
  p: ['levels'],
  method: ['adjustment'],
  tp: ['truePositives'],
  fp: ['falsePositives'],
  fn: ['falseNegatives'],
  tn: ['trueNegatives'],
  labels: ['positives', 'negatives'],
}

/** Whether a message says of this argument what it is; a name of one letter alone could be any word. */
function names(argument: string, message: string): boolean {
  const escaped = argument.replaceAll(/[^\w]/g, '\\$&')
  return new RegExp(argument.length === 1 ? `\\b${escaped} is\\b` : `\\b${escaped}\\b`).test(message)
}

function missingError(golden: GoldenCase, result: Result): string | null {
  if (!('thrown' in result)) return `answered ${JSON.stringify(result.answer)} where an error is due`
  if (!(result.thrown instanceof RangeError))
    return `threw ${result.thrown.name} where a RangeError is due: ${result.thrown.message}`
  const { message } = result.thrown
  // What stands before the colon is the function, which may be called like an argument.
  const said = message.slice(message.indexOf(':') + 1)
  const named = Object.keys(golden.args).some((name) =>
    [name, ...(alias[name] ?? [])].some((known) => names(known, said)),
  )
  return named ? null : `the error does not name the argument: ${message}`
}

function served(expected: unknown, { members }: Call): { wanted: unknown; unservedMembers: string[] } {
  if (members === undefined || typeof expected !== 'object' || expected === null)
    return { wanted: expected, unservedMembers: [] }
  const entries = Object.entries(expected)
  return {
    wanted: Object.fromEntries(entries.filter(([name]) => members.includes(name))),
    unservedMembers: entries.map(([name]) => name).filter((name) => !members.includes(name)),
  }
}

function* compare(got: unknown, wanted: unknown, tolerance: GoldenCase['tolerance'], at: string): Generator<string> {
  const where = at === '' ? '' : `${at}: `
  if (wanted === 'NaN') {
    if (!isUndefined(got)) yield `${where}got ${show(got)}, wanted null with a reason`
  } else if (Array.isArray(wanted)) {
    if (!isList(got) || got.length !== wanted.length) yield `${where}got ${show(got)}, wanted ${wanted.length} members`
    else for (let i = 0; i < wanted.length; i++) yield* compare(got[i], wanted[i], tolerance, `${at}[${i}]`)
  } else if (typeof wanted === 'object' && wanted !== null) {
    for (const [name, value] of Object.entries(wanted)) {
      yield* compare(isUndefined(got) ? got : memberOf(got, name), value, tolerance, at === '' ? name : `${at}.${name}`)
    }
  } else if (!agrees(got, wanted, tolerance)) {
    yield `${where}got ${show(got)}, wanted ${show(wanted)}`
  }
}

function agrees(got: unknown, wanted: unknown, { rel, abs }: GoldenCase['tolerance']): boolean {
  const number = numberOf(wanted)
  if (number === undefined || typeof got !== 'number') return got === wanted
  if (got === number) return true
  // Nothing finite is within a tolerance of infinity.
  return Number.isFinite(number) && Math.abs(got - number) <= Math.max(abs, rel * Math.abs(number))
}

function isUndefined(got: unknown): got is Undefined {
  if (typeof got !== 'object' || got === null) return false
  const { value, reason } = got as Partial<Undefined>
  return value === null && typeof reason === 'string' && reason !== ''
}

function isList(got: unknown): got is ArrayLike<unknown> {
  return Array.isArray(got) || (ArrayBuffer.isView(got) && !(got instanceof DataView))
}

function memberOf(got: unknown, name: string): unknown {
  return typeof got === 'object' && got !== null ? (got as Record<string, unknown>)[name] : undefined
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value)?.slice(0, 200) ?? 'nothing')
}
