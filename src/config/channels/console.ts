// The channel `console`: messages as text on standard output.

import { z } from 'zod'

export const consoleInput = z.strictObject({ type: z.literal('console') })

export interface ConsoleChannel {
  readonly type: 'console'
  readonly name: string
}

export function resolveConsole(name: string): ConsoleChannel {
  return { type: 'console', name }
}
