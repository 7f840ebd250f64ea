// Values that the command line puts into a configuration: `models.credit-risk.performance.alarm.roc_auc.drop=0.05`.

import { parse, parseDocument } from 'yaml'
import { ConfigError } from '../config/config-error.ts'

/** @param assignments each a path, `=`, and a value as YAML writes it; a part of the path that has dots stands in quotes @throws ConfigError */
export function withValues(text: string, assignments: readonly string[]): string {
  const document = parseDocument(text)
  // What is wrong with it is told by whoever reads it.
  if (document.errors.length > 0) return text
  for (const assignment of assignments) {
    const { path, value } = read(assignment)
    try {
      document.setIn(path, value)
    } catch (cause) {
      throw problem(assignment, `there is no place for it: ${(cause as Error).message}`)
    }
  }
  return document.toString()
}

function read(assignment: string): { path: string[]; value: unknown } {
  const equals = assignment.indexOf('=')
  const parts = equals < 0 ? null : assignment.slice(0, equals).match(/"[^"]+"|[^."]+/g)
  if (parts === null)
    throw problem(assignment, 'write a path and a value, such as models.credit-risk.falseAlarmBudget=0.5')
  try {
    return { path: parts.map((part) => part.replaceAll('"', '')), value: parse(assignment.slice(equals + 1)) }
  } catch (cause) {
    throw problem(assignment, `its value cannot be read: ${(cause as Error).message.split('\n')[0]}`)
  }
}

function problem(assignment: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path: `--set ${assignment}`, message }])
}
