// The golden calls that are several columns at once, and embeddings.

import type { Call } from './call.ts'

export const multivariateCalls: Readonly<Record<string, Call>> = {}
