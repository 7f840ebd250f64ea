// What the schema finds wrong, in words: what was found, what was expected, which name was probably meant.

import { z } from 'zod'
import type { Path } from './explain.ts'
import { describeFound, listNames, nearestName, suggest, valueAt } from './explain.ts'
import { insteadOfSetting, insteadOfValue } from './not-available.ts'

/** A problem before it has a place in a file. */
export interface Finding {
  readonly path: Path
  readonly message: string
}

type Issue = z.core.$ZodIssue

/** Values that may hold a secret that somebody wrote in place of its file. */
const neverShown = /^(token|sha256|url|headers|secrets|.+File)$/

/** Between the names in the message of an unknown key: a character that no name has. */
const separator = '\n'

/**
 * Checks a value against a schema.
 *
 * @returns the parsed value, or everything that is wrong with it
 */
export function check<T extends z.ZodType>(schema: T, value: unknown): { data: z.output<T> } | { findings: Finding[] } {
  // An unknown key can only be explained by the known ones, and only here can the object that lacks it be asked for them.
  const error: z.core.$ZodErrorMap = ({ code, inst }) =>
    code === 'unrecognized_keys' ? knownKeys(inst).join(separator) : undefined
  const result = schema.safeParse(value, { error })
  if (result.success) return { data: result.data }
  return { findings: result.error.issues.flatMap((issue) => findingsOf(issue, issue.path, value)) }
}

function knownKeys(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String)
  return []
}

function findingsOf(issue: Issue, path: Path, root: unknown): Finding[] {
  const value = valueAt(root, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, issue.message.split(separator)))
    case 'invalid_union': {
      const branch = likeliestBranch(issue.errors)
      if (branch !== undefined) return branch.flatMap((inner) => findingsOf(inner, [...path, ...inner.path], root))
      break
    }
    case 'invalid_key':
      return [{ path, message: `this name cannot be used; expected ${issue.issues[0]?.message ?? 'another name'}` }]
  }
  const instead = insteadOfValue(path, value)
  if (instead !== undefined) return [{ path, message: `${String(value)} is not available in this version; ${instead}` }]
  return [{ path, message: `${found(path, value)}; expected ${expectation(issue)}${suggestion(issue, value)}` }]
}

function unknownKey(path: Path, key: string, known: readonly string[]): Finding {
  const instead = insteadOfSetting([...path, key])
  if (instead !== undefined) return { path: [...path, key], message: `not available in this version; ${instead}` }
  const nearest = nearestName(key, known)
  const cure = nearest === undefined ? `; known here: ${known.join(', ')}` : `; did you mean ${nearest}?`
  return { path: [...path, key], message: `there is no such setting${cure}` }
}

/** Another kind of value altogether weighs more than any number of faults inside a value of the right kind. */
const wrongKind = 100

/** The alternative that the writer had in mind: the one with the least wrong. undefined when none stands out. */
function likeliestBranch(branches: ReadonlyArray<readonly Issue[]>): readonly Issue[] | undefined {
  const weighed = branches.map((issues) => ({
    issues,
    weight: issues.reduce((sum, issue) => sum + weightOf(issue), 0),
  }))
  const [first, second] = weighed.sort((a, b) => a.weight - b.weight)
  if (first === undefined || first.weight >= wrongKind || first.weight === second?.weight) return undefined
  return first.issues
}

function weightOf(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length
  return issue.path.length === 0 ? wrongKind : 1
}

function found(path: Path, value: unknown): string {
  if (value === undefined) return 'missing'
  // By the name that somebody gave it, too: secrets.jobs.
  const names = path.filter((step) => typeof step === 'string').slice(-2)
  if (typeof value === 'string' && names.some((name) => neverShown.test(name)))
    return 'found other text (not shown, it may be a secret)'
  return describeFound(value)
}

/** What was expected. Schemas of ours say it in their message; the rest is told from the issue. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? (typeWords[issue.expected] ?? issue.expected) : issue.message
    case 'invalid_value':
    case 'invalid_union':
      return issue.message.startsWith('Invalid') ? listNames(optionsOf(issue)) : issue.message
    default:
      return issue.message
  }
}

const typeWords: Readonly<Record<string, string>> = { object: 'a map of settings', record: 'a map of settings by name' }

function suggestion(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_union' && typeof value === 'object' && value !== null)
    return suggestKey(issue.errors, value)
  const options = optionsOf(issue)
  const isChoice = options.length > 1 || issue.code === 'invalid_union'
  return typeof value === 'string' && isChoice ? suggest(value, options) : ''
}

/** The values that an issue says are possible. */
function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return []
  if ('options' in issue && Array.isArray(issue.options)) return issue.options.map(String)
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? optionsOf(inner) : []))
}

/** Where every alternative has the same unknown key: the key of any of them that it looks like. */
function suggestKey(branches: ReadonlyArray<readonly Issue[]>, value: object): string {
  const unknown = branches.flat().filter((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0)
  const [key] = Object.keys(value)
  return key === undefined
    ? ''
    : suggest(
        key,
        unknown.flatMap(({ message }) => message.split(separator)),
      )
}
