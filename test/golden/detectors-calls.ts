// The golden calls that are detectors on streams of losses.

import type { Call } from './call.ts'

export const detectorsCalls: Readonly<Record<string, Call>> = {}
