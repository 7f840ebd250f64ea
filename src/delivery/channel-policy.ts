import type { Millis } from '../time.ts'
import type { Rate } from './governor.ts'
import type { Message } from './notification.ts'

/** What the configuration says of a channel. */
export interface ChannelPolicy {
  readonly minSeverity: Message['severity']
  /** null: as fast as it takes them. */
  readonly rate: Rate | null
  /** Who is told instead: of what it refuses at once, of what waits when it has taken nothing for `afterMs`. */
  readonly fallback: { readonly channel: string; readonly afterMs: Millis } | null
  /** Whether messages that wait are told together; where they are only printed, each stands by itself. */
  readonly gathers: boolean
}

/** Every message by itself, at once. */
export const plainPolicy: ChannelPolicy = { minSeverity: 'warning', rate: null, fallback: null, gathers: false }
