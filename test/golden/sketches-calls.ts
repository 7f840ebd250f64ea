// The golden calls that are sketches of streams.

import type { Call } from './call.ts'

export const sketchesCalls: Readonly<Record<string, Call>> = {}
