// The log: JSON lines on stderr. No feature values, no secrets.

import type { DestinationStream, Logger } from 'pino'
import { destination, pino, stdTimeFunctions } from 'pino'

export type Log = Logger

const secretKeys = ['token', 'password', 'pass', 'secret', 'authorization', 'apiKey']

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
    to,
  )
}
