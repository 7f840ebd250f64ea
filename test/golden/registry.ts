// From the names of golden calls to the project's own functions.

import type { Call } from './call.ts'
import { countsCalls } from './counts-calls.ts'
import { detectorsCalls } from './detectors-calls.ts'
import { estimationCalls } from './estimation-calls.ts'
import { evidentlyCalls } from './evidently-calls.ts'
import { multivariateCalls } from './multivariate-calls.ts'
import { nannymlCalls } from './nannyml-calls.ts'
import { performanceCalls } from './performance-calls.ts'
import { reconstructionCalls } from './reconstruction-calls.ts'
import { samplesCalls } from './samples-calls.ts'
import { sketchesCalls } from './sketches-calls.ts'
import { specialCalls } from './special-calls.ts'

export const registry: Readonly<Record<string, Call>> = {
  ...specialCalls,
  ...countsCalls,
  ...samplesCalls,
  ...sketchesCalls,
  ...performanceCalls,
  ...detectorsCalls,
  ...multivariateCalls,
  ...estimationCalls,
  ...evidentlyCalls,
  ...nannymlCalls,
  ...reconstructionCalls,
}
