// An incident asks for a run, in the commit that lets it fire. At most once per incident.

import type { Incident } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'

export interface Trigger {
  /** The incident's id. */
  readonly id: string
  readonly model: string
  readonly version: string
  /** Name of the retraining target in the configuration. */
  readonly target: string
  /** Event time. */
  readonly at: Instant
  /** By the clock. */
  readonly askedAt: Instant
  /** It is of the past, and waits until that is gone through: the state is being rebuilt. */
  readonly isHeld?: boolean
  /** Labels of the model by then; of a replay alone, which looks at its requests once all labels have come. */
  readonly labels?: number
  readonly incident: Incident
}
