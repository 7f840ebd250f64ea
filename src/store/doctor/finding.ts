import { isHindrance } from '../store-error.ts'

/** One thing that the doctor looked at. `broken`: the daemon would not start, or would not be right. `warning`: somebody should act. */
export interface Finding {
  readonly check: string
  readonly severity: 'ok' | 'note' | 'warning' | 'broken'
  /** What there is, in words and figures. */
  readonly found: string
  /** What that means and what to do; null when nothing is to be done. */
  readonly advice: string | null
}

export function fine(check: string, found: string): Finding {
  return { check, severity: 'ok', found, advice: null }
}

export function finding(
  check: string,
  severity: 'note' | 'warning' | 'broken',
  found: string,
  advice: string,
): Finding {
  return { check, severity, found, advice }
}

/** Runs one part of the examination; what cannot even be read is a finding too. */
export function attempt(check: string, look: () => Finding[]): Finding[] {
  try {
    return look()
  } catch (error) {
    return [
      finding(
        check,
        'broken',
        error instanceof Error ? error.message : String(error),
        isHindrance(error) ? retry : salvage,
      ),
    ]
  }
}

/** For what could not be looked at. */
const retry = 'nothing says that the state is damaged: mend what is said above, and look again'

/** For whatever is damaged. */
export const salvage =
  'stop the daemon and move the directory aside, then restore the newest backup (leeway backup) as leeway.db in an empty one: it goes on reading where the backup was made. Without a backup start with an empty directory: it is rebuilt from what Kafka still holds'
