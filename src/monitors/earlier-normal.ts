// A reference made of production says what is normal since then: windows that reach back further hold an earlier normal, and are not
// judged by it.

import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { CalibrationWatch } from './calibration-watch.ts'
import { tooFew } from './drift.ts'
import { judgeInputs } from './judge-inputs.ts'
import { judgePerformance } from './performance.ts'
import type { Subject } from './subject.ts'
import { subjectAt } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** What the inputs of the window that ends at `end` say. */
export function inputVerdicts(
  subject: Subject,
  spec: WindowSpec,
  { end, inputs }: { readonly end: Instant; readonly inputs: Float64Array },
  calibration: CalibrationWatch | null,
): Verdict[] {
  const start = end - spec.sizeMs
  const verdicts = judgeInputs(subjectAt(subject, start, end), spec, inputs, calibration)
  return since(start, subject.reference.judgesFrom?.inputs ?? null, verdicts)
}

/** What its outcomes say. */
export function performanceVerdicts(
  subject: Subject,
  spec: WindowSpec,
  window: { readonly end: Instant; readonly outcomes: Float64Array; readonly provisional: boolean },
): Verdict[] {
  const verdicts = judgePerformance(subject, spec, window.outcomes, window.provisional)
  return since(window.end - spec.sizeMs, subject.reference.judgesFrom?.outcomes ?? null, verdicts)
}

/** The verdicts on a window that starts at `start`, if it holds nothing from before `from`; else why there are none. */
export function since(start: Instant, from: Instant | null, verdicts: Verdict[]): Verdict[] {
  if (from === null || start >= from) return verdicts
  const because = `it begins before ${formatInstant(from)}, and what it is compared with is normal since then`
  return verdicts.map(({ monitor, kind, feature, metric, calibrated }) =>
    tooFew({ monitor, kind, feature, metric }, because, calibrated),
  )
}
