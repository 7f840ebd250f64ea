// What people decide, wired: the desk where it is done, the tick that follows the clock, and what the API offers of both.

import type { Handling } from '../handling/deeds.ts'
import type { MayTell } from '../handling/permission.ts'
import type { HandlingState } from '../handling/state.ts'
import { handlingRoutes } from '../http/handling-routes.ts'
import { handlingReadRoutes } from '../http/handling-views.ts'
import type { Route } from '../http/route.ts'
import type { Incident } from '../incidents/incident.ts'
import { StoreError } from '../store/store-error.ts'
import type { Clock, Instant } from '../time.ts'
import type { DigestOptions } from './digest-tick.ts'
import { DigestTick } from './digest-tick.ts'
import type { HandlingOptions } from './handling-desk.ts'
import { HandlingDesk } from './handling-desk.ts'
import type { TickOptions } from './handling-tick.ts'
import { HandlingTick } from './handling-tick.ts'

export interface HandlingParts {
  readonly desk: Omit<Handling, 'acceptAsNormal'>
  readonly mayTell: MayTell
  readonly routes: readonly Route[]
  /** Why nobody is told of an incident now; null when people are. */
  readonly quiet: (incident: Incident, state: HandlingState, now: Instant) => string | null
  readonly clock: Clock
  /** Once a second. A full disk is waited for. @throws StoreError */
  tick(): Promise<void>
  /** Waits for a look that is under way. */
  stop(): Promise<void>
}

/** @param options.isLive a run that replays the past tells what it finds, and reminds nobody */
export function openHandling(
  options: Omit<TickOptions, 'desk'> & DigestOptions & HandlingOptions & { readonly isLive: boolean },
): HandlingParts {
  const { isLive, store, settings, clock } = options
  const desk = new HandlingDesk(options)
  const tick = new HandlingTick({ ...options, desk })
  const digests = new DigestTick(options)
  const reading = {
    silences: (endAfter: number) => store.handling.silences(endAfter),
    maintenance: () => settings().handling.maintenance,
    now: clock,
  }
  return {
    desk,
    mayTell: isLive ? desk.mayTell : () => ({ is: 'told' }),
    routes: [...handlingReadRoutes(reading), ...handlingRoutes(desk, clock)],
    quiet: (incident, state, now) => desk.quiet(incident, state, desk.look(now), now),
    clock,
    async tick() {
      if (!isLive) return
      try {
        await tick.tick()
        digests.tick()
      } catch (error) {
        if (!(error instanceof StoreError && error.kind === 'full')) throw error
      }
    },
    stop: () => tick.stop(),
  }
}
