// What a window was judged by: not always what is in force now, for a reference that was made of production says nothing of windows
// that hold an earlier normal.

import type { Subject } from '../monitors/subject.ts'
import { createSubject } from '../monitors/subject.ts'
import type { Compared, WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { Reference } from '../reference/reference.ts'
import type { Instant } from '../time.ts'

export interface JudgedBy extends Compared {
  /** Another one is in force by now. */
  readonly isEarlier: boolean
}

/**
 * The reference in force, or the one before it where that does not judge a window that begins then.
 *
 * @param of what of the window was judged: a reference that was made without labels has the performance of the one before
 */
export function judgedBy(
  model: Pick<WatchedModel, 'comparedWith' | 'reference'>,
  version: string,
  start: Instant,
  of: 'inputs' | 'outcomes' = 'inputs',
): JudgedBy {
  const now = model.comparedWith(version)
  const judges = ({ reference }: Compared) => start >= (reference.judgesFrom?.[of] ?? Number.NEGATIVE_INFINITY)
  if (judges(now)) return { ...now, isEarlier: false }
  const before = model.comparedWith(version, { version: now.of === 'version' ? version : null, reference: null })
  if (judges(before)) return { ...before, isEarlier: true }
  return { reference: model.reference as Reference, of: 'configuration', isEarlier: true }
}

/** Making one of 50 features takes some milliseconds. */
const made = new WeakMap<Reference, Subject>()

export function subjectOf({ subject }: WatchedStream, { reference }: Pick<JudgedBy, 'reference'>): Subject {
  if (reference.id === subject.reference.id) return subject
  const known = made.get(reference)
  if (known !== undefined && known.settings === subject.settings) return known
  const fresh = createSubject(reference, subject.settings)
  made.set(reference, fresh)
  return fresh
}
