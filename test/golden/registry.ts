// From the names of golden calls to the project's own functions.

import type { Call } from './call.ts'
import { countsCalls } from './counts-calls.ts'
import { performanceCalls } from './performance-calls.ts'
import { samplesCalls } from './samples-calls.ts'
import { specialCalls } from './special-calls.ts'

export const registry: Readonly<Record<string, Call>> = {
  ...specialCalls,
  ...countsCalls,
  ...samplesCalls,
  ...performanceCalls,
}
