// A YAML (or JSON) document as plain values, and where in the text each of them stands.

import type { Node, Document as YamlDocument } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Problem } from './config-error.ts'
import { ConfigError } from './config-error.ts'
import type { Path } from './explain.ts'
import { pathText } from './explain.ts'

export interface YamlText {
  readonly file: string
  readonly value: unknown
  /** A problem at a path, with its line and column. */
  problem(path: Path, message: string): Problem
}

/** No document of settings is longer; whatever is, is the wrong file. */
const TEXT_LENGTH_MAX = 4 * 1024 * 1024

/**
 * Parses the text of a file.
 *
 * @param file its name, for the errors
 * @throws ConfigError with every syntax error; keys that come twice, unknown tags and alias bombs are such errors too
 */
export function parseYaml(text: string, file: string): YamlText {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const whole = { file, line: null, column: null, path: '' }
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ConfigError([
      {
        ...whole,
        message: `the file has ${text.length} characters, at most ${TEXT_LENGTH_MAX} are read: is it the right file?`,
      },
    ])
  }
  // Keys are text even where they look like numbers or truths: `{0: p_no, 1: p_yes}` names two classes.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const complaints = [...document.errors, ...document.warnings]
  if (complaints.length > 0) {
    throw new ConfigError(
      complaints.map(({ message, pos }) => ({ file, ...at(pos[0]), path: '', message: `not YAML: ${message}` })),
    )
  }
  return {
    file,
    value: plainValue(document, whole),
    problem: (path, message) => ({ file, ...at(offsetOf(document, path)), path: pathText(path), message }),
  }
}

function plainValue(document: YamlDocument, place: Omit<Problem, 'message'>): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([{ ...place, message: `not usable as YAML: ${message}` }], { cause })
  }
}

/** Where a value stands; its key where it is more than one line; its parent where it is missing. */
function offsetOf(document: YamlDocument, path: Path): number {
  let node: unknown = document.contents
  let offset = (document.contents as Node | null)?.range?.[0] ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    const next = isMap(node)
      ? childOfMap(node, String(step))
      : isSeq(node)
        ? childOfList(node, Number(step))
        : undefined
    if (next === undefined) break
    node = next.node
    offset = next.offset
  }
  return offset
}

interface Child {
  readonly node: unknown
  readonly offset: number
}

function childOfMap(map: { items: ReadonlyArray<{ key: unknown; value: unknown }> }, key: string): Child | undefined {
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
  if (pair === undefined) return undefined
  const keyOffset = (pair.key as Node).range?.[0] ?? 0
  return { node: pair.value, offset: isScalar(pair.value) ? (pair.value.range?.[0] ?? keyOffset) : keyOffset }
}

function childOfList(list: { items: readonly unknown[] }, index: number): Child | undefined {
  const node = list.items[index]
  return node === undefined ? undefined : { node, offset: (node as Node).range?.[0] ?? 0 }
}
