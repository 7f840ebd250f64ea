// Promotions that wait for rows or labels are asked for again the more rarely the longer they have waited: each time all panes of
// the version are read to see whether they suffice, and labels may take weeks.

import type { Promoted } from '../retraining/outcome.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import type { Instant, Millis } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'

type Promote = (request: RetrainingRequest, version: string) => Promoted

const SHORTEST_WAIT_MS: Millis = 5 * SECOND
const LONGEST_WAIT_MS: Millis = 10 * MINUTE
/** The next wait is so much of what it has waited until now. */
const SHARE_WAITED = 0.1

/** As `promote`; between two tries it says again what was said last. */
export function withWaits(promote: Promote, clock: () => Instant): Promote {
  const waiting = new Map<string, { readonly said: Promoted; readonly at: Instant; readonly until: Instant }>()
  return (request, version) => {
    const { id, outcome } = request
    const now = clock()
    const before = waiting.get(id)
    // A clock that was set back makes nobody wait for it.
    if (before !== undefined && before.at <= now && now < before.until) return before.said
    const said = promote(request, version)
    if (said.outcome === 'waiting') {
      const waited = now - (outcome?.promotion?.at ?? now)
      const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, SHARE_WAITED * waited))
      waiting.set(id, { said, at: now, until: now + waitMs })
    } else waiting.delete(id)
    return said
  }
}
