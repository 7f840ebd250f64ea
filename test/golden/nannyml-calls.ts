// The golden calls that are NannyML’s definitions.

import type { Call } from './call.ts'

export const nannymlCalls: Readonly<Record<string, Call>> = {}
