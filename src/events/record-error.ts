import type { Rejection, RejectionReason } from './event.ts'

/** A record that cannot be read. It goes to quarantine with its reason; the stream goes on. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly reason: RejectionReason

  constructor(reason: RejectionReason, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.reason = reason
  }

  toRejection(): Rejection {
    return { reason: this.reason, detail: this.message }
  }
}

const shownLength = 60

/** A value as a person wants to see it in a detail: short, with its type, and on one line. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `${JSON.stringify(value.length > shownLength ? `${value.slice(0, shownLength)}…` : value)} (text)`
    case 'number':
    case 'bigint':
      return `${value} (number)`
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'nothing'
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
  }
}
