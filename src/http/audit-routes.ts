// The audit, to be read and to be taken elsewhere: who changed what, as JSON, lines of JSON, or a table for a spreadsheet.

import { jsonLine } from '../delivery/text-safety.ts'
import type { AuditRow } from '../store/audit.ts'
import type { Views } from '../store/views.ts'
import { formatInstant } from '../time.ts'
import { limitOf, oneOf, timesOf } from './query.ts'
import type { Answer, ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

const formats = ['json', 'ndjson', 'csv'] as const
const columns = ['number', 'at', 'request', 'actor', 'role', 'remote', 'action', 'target', 'outcome', 'detail'] as const

/**
 * Newest first; with `after`, oldest first from behind that row on: rows are only ever added, so whoever asks again and again, each
 * time behind the last row of the answer before, has all of them.
 */
export function auditRoute(views: Pick<Views, 'audit'>): ReadRoute {
  return {
    method: 'GET',
    path: '/api/v1/audit',
    query: { from: 'time', to: 'time', after: 'count', limit: 'count', format: 'text' },
    needs: 'read',
    handle({ query }): Answer {
      const { format = 'json' } = oneOf(query, 'format', formats)
      const after = afterOf(query['after'])
      const rows = views
        .audit({ ...timesOf(query), ...(after !== undefined && { after }), limit: limitOf(query) })
        .map(rowView)
      switch (format) {
        case 'json':
          return { status: 200, json: { audit: rows } }
        case 'ndjson':
          return { status: 200, type: 'application/x-ndjson', body: rows.map((row) => `${jsonLine(row)}\n`).join('') }
        case 'csv':
          return { status: 200, type: 'text/csv; charset=utf-8', body: csvOf(rows) }
      }
    },
  }
}

type RowView = Omit<AuditRow, 'at'> & { readonly at: string }

function rowView({ at, ...rest }: AuditRow): RowView {
  return { ...rest, at: formatInstant(at) }
}

function afterOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new HttpError(400, `after: ${JSON.stringify(text)} is not the number of a row; 0 begins with the first one`)
}

function csvOf(rows: readonly RowView[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(String(row[column]))).join(','))
  return [columns.join(','), ...lines, ''].join('\r\n')
}

/** As RFC 4180 has it. What begins like a formula is none: people open such files in spreadsheets. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
