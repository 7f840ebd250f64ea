// A request to retrain, with its evidence. At most one per incident.

import type { Incident } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'

export interface Trigger {
  /** The incident's id: the receiver's idempotency key. */
  readonly id: string
  readonly model: string
  readonly version: string
  /** Name of the retraining target in the configuration. */
  readonly target: string
  readonly at: Instant
  readonly incident: Incident
}
