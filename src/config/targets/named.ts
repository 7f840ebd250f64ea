import { z } from 'zod'

/** What something is called at an orchestrator. */
export function named(what: string): z.ZodString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  return z.string(what).regex(/^[^\u0000-\u001f\u007f-\u009f]{1,300}$/, what)
}
