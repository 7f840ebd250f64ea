// How the daemon itself is; and, for operators, what a quarantined record holds.

import type { SystemView } from '../overview/system.ts'
import type { QuarantinedRow, Views } from '../store/views.ts'
import { formatInstant } from '../time.ts'
import type { Route } from './route.ts'
import { HttpError } from './route.ts'

/** What is kept of a record is not longer: a second lock. */
const SAMPLE_BYTES_MAX = 4_096

export function systemRoutes(view: () => SystemView, views: Pick<Views, 'quarantined'>): readonly Route[] {
  const numberOf = (parameters: Readonly<Record<string, string>>) => parameters['number'] as string
  return [
    {
      ...{ method: 'GET', path: '/api/v1/system', query: {}, needs: 'read' },
      handle: () => ({ status: 200, json: view() }),
    },
    {
      ...{ method: 'GET', path: '/api/v1/quarantine/{number}/sample', query: {} },
      // It may hold what nobody meant to publish.
      ...{ needs: 'operator', action: 'quarantine.sample' },
      target: ({ parameters }) => numberOf(parameters).slice(0, 20),
      handle({ parameters }) {
        const number = numberOf(parameters)
        const row = /^\d{1,15}$/.test(number) ? views.quarantined(Number(number)) : undefined
        if (row === undefined)
          throw new HttpError(404, `there is no record ${number.slice(0, 20)} in the quarantine; older ones make room`)
        return { status: 200, json: sampleView(row) }
      },
    },
  ]
}

/** As text, and where it is none as bytes, too. */
function sampleView({ sample, at, ...rest }: QuarantinedRow) {
  const bytes = sample.subarray(0, SAMPLE_BYTES_MAX)
  const text = new TextDecoder().decode(bytes)
  const isText = isUtf8(bytes)
  return {
    ...rest,
    at: formatInstant(at),
    sample: {
      bytes: bytes.length,
      mayBeCut: bytes.length >= SAMPLE_BYTES_MAX,
      text,
      hex: isText ? null : Buffer.from(bytes).toString('hex'),
    },
  }
}

/** The last character may be cut. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return !bytes.includes(0)
  } catch {
    return false
  }
}
