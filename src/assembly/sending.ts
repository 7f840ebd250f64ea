// Who is told: the channels of the document in force, what they ask for at the moment of sending, and the outbox emptied into them.

import type { Document } from '../config/document.ts'
import type { Settings } from '../config/settings.ts'
import type { Drain } from '../delivery/drain.ts'
import type { Store } from '../store/store.ts'
import type { DrainParts } from './drain.ts'
import { policyOf, startDrain } from './drain.ts'
import type { InForce, Prepared } from './reload.ts'
import { SenderSet } from './sender-set.ts'
import type { SenderOptions } from './senders.ts'
import { closeSenders, makeSenders } from './senders.ts'
import { sendingAids } from './sending-aids.ts'
import type { TrustedClock } from './trusted-clock.ts'

export interface SendingOptions extends Omit<DrainParts, 'clock' | 'steady' | 'policyOf'> {
  readonly options: Omit<SenderOptions, 'clock'> & {
    readonly settings: Pick<Settings, 'publicUrl'>
    readonly mode: 'live' | 'replay'
  }
  readonly document: Document
  readonly inForce: () => InForce
  readonly store: Store
  readonly clock: TrustedClock
}

export interface Sending {
  readonly drain: Drain
  /** The channels in use. */
  readonly senders: SenderSet
  /** Makes the channels of another document. @throws ConfigError */
  follow(document: Document): Prepared
}

/** @throws ConfigError when a secret of a channel cannot be read or is not one */
export function openSending({ options, document, inForce, store, clock, ...rest }: SendingOptions): Sending {
  const { metrics, log } = rest
  const aids = sendingAids({
    ...{ views: store.views, handling: store.handling, retraining: store.retraining },
    pipeline: () => inForce().pipeline,
    publicUrl: options.settings.publicUrl,
    metrics,
    log,
  })
  const sendersFor = (of: Document) => makeSenders(of, { ...options, ...aids, clock: clock.now })
  const senders = new SenderSet(sendersFor(document))
  const drain = startDrain(store.outbox, senders, {
    ...rest,
    clock: clock.now,
    steady: clock.steady,
    policyOf: (channel) => policyOf(inForce().document, channel, options.mode === 'replay'),
  })
  return {
    drain,
    senders,
    follow(of) {
      const fresh = sendersFor(of)
      return Object.assign(() => senders.replace(fresh), { discard: () => closeSenders(fresh) })
    },
  }
}
