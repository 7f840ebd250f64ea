// The golden calls that are performance estimated without labels.

import type { Call } from './call.ts'

export const estimationCalls: Readonly<Record<string, Call>> = {}
