// What people may do about retraining. Each deed is on the disk, with its row of the audit and its messages, when it returns; done
// twice it says who was first, and changes nothing.

import type { Effect, Person } from '../handling/deeds.ts'

/** What a person found out of what an orchestrator did with a request. */
export type Finding = 'started' | 'not-started' | 'resend'

export interface RetrainingDesk {
  /** Asks for a run of a model by hand. The gates hold for it as for any other. @param wish.incident what it is about; messages go to its thread */
  request(
    wish: { readonly model: string; readonly because: string; readonly incident: string | null },
    by: Person,
  ): Effect & { readonly request: string | null }
  /** Says yes. Role approver. */
  approve(request: string, by: Person): Effect
  /** Says no, for good. Role approver. */
  refuse(request: string, because: string, by: Person): Effect
  /** Says no to what begins by itself after a delay. */
  veto(request: string, because: string, by: Person): Effect
  /** No run of this model begins any more, but those that people ask for; what runs goes on. */
  stopAutomation(model: string, because: string, by: Person): Effect
  resumeAutomation(model: string, by: Person): Effect
  /**
   * What became of a request of which that is unknown, or of a run that is waited for in vain. Role approver.
   *
   * @param found it `started`, it did not, or it is to be sent again, which starts a second run if the first one did begin;
   *   of a run that goes on as far as is known: it is the run with this id, or is given up
   * @param run the id of the run that started, if it is known
   */
  resolveUnknown(request: string, found: Finding, run: string | null, by: Person): Effect
}
