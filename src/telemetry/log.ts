// The log: JSON lines on stderr. No feature values, no secrets, and nothing that a terminal would obey.

import type { DestinationStream, Logger } from 'pino'
import { destination, pino, stdTimeFunctions } from 'pino'
import { escapeJson } from '../delivery/text-safety.ts'
import { cleaned, withoutSecrets } from '../secret.ts'

export type Log = Logger

const secretKeys = [
  'token',
  'password',
  'pass',
  'secret',
  'authorization',
  'apiKey',
  'cookie',
  'passphrase',
  'clientSecret',
]

/** @param to where the lines go; stderr when left out, so that stdout stays for results */
export function createLog(level: string, to: DestinationStream = destination({ dest: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '<redacted>' },
    },
    { write: (line) => to.write(safeJson(line)) },
  )
}

/** Errors of libraries carry what was sent: whatever secret of this process is in a line is taken out. */
function safeJson(line: string): string {
  if (withoutSecrets(line) === line) return escapeJson(line)
  // Not in the line itself: a number that happens to be a password must stay a number.
  return `${escapeJson(JSON.stringify(cleaned(JSON.parse(line))))}\n`
}
