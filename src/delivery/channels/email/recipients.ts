// Who has a message that goes to several people, when a server takes it for some of them only.

import type { Millis } from '../../../time.ts'
import { MINUTE } from '../../../time.ts'

/** What a server says of one recipient. */
export interface Refusal {
  readonly recipient?: string | undefined
  readonly responseCode?: number | undefined
  readonly message?: string
}

/** What a server has answered to one attempt. */
interface Answer {
  /** Who has it now. */
  readonly taken: readonly unknown[]
  readonly refusals: readonly Refusal[]
}

/** Servers that make whoever is new to them wait (greylisting) take less than that. */
const WAITED_FOR: Millis = 30 * MINUTE
/** Messages that some have and others do not, that are remembered. */
const MESSAGES_MAX = 1_000

/**
 * Whom a server asks to wait is tried again, alone, while what comes next about the incident waits. A mailbox that is full for days
 * must not hold up the others for as long: after half an hour, nobody waits for it until it takes something again.
 *
 * It is known in this process only: after a restart, what was to be repeated is sent to all again, under the same id.
 */
export class Recipients {
  readonly #to: readonly string[]
  readonly #steady: () => Millis
  /** By the key of a message that somebody has: who does not, and why. */
  readonly #open = new Map<string, { readonly later: readonly string[]; readonly refused: readonly string[] }>()
  readonly #troubledSince = new Map<string, Millis>()

  constructor(to: readonly string[], steady: () => Millis = () => performance.now()) {
    this.#to = to
    this.#steady = steady
  }

  /** Who is still to get a message. */
  missing(key: string): string[] {
    return [...(this.#open.get(key)?.later ?? this.#to)]
  }

  /** @returns what became of the message as a whole: whether anybody has it, whether it is to be repeated, who does not have it */
  took(key: string, { taken, refusals }: Answer): { hasArrived: boolean; isDone: boolean; because: string } {
    const now = this.#steady()
    const before = this.#open.get(key)
    for (const one of taken) this.#troubledSince.delete(String(one))
    const mayPass = ({ responseCode = 0 }: Refusal) => responseCode < 500
    const later = refusals.filter(mayPass).map(({ recipient }) => String(recipient))
    for (const one of later) if (!this.#troubledSince.has(one)) this.#troubledSince.set(one, now)
    const refused = [...(before?.refused ?? []), ...refusals.filter((one) => !mayPass(one)).map(inWords)]
    const hasArrived = before !== undefined || taken.length > 0
    const isDone = later.every((one) => now - (this.#troubledSince.get(one) ?? now) >= WAITED_FOR)
    this.#open.delete(key)
    if (hasArrived && !isDone) this.#open.set(key, { later, refused })
    const [oldest = key] = this.#open.keys()
    if (this.#open.size > MESSAGES_MAX) this.#open.delete(oldest)
    const because = [...refused, ...refusals.filter(mayPass).map(inWords)].join('; ')
    return { hasArrived, isDone, because: because === '' ? '' : `refused for ${because}` }
  }
}

function inWords({ recipient, message = 'no word of why' }: Refusal): string {
  return `${recipient} (${message})`
}
