// The golden calls that are Evidently’s definitions.

import type { Call } from './call.ts'

export const evidentlyCalls: Readonly<Record<string, Call>> = {}
