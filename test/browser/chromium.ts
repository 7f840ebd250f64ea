// Where the browser is, or why there is none.

import { existsSync } from 'node:fs'

export const executable = process.env['LEEWAY_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** What a machine lacks for these tests, in words; null when it lacks nothing. */
export const missingForChromium: string | null = existsSync(executable)
  ? null
  : `there is no Chromium at ${executable} (Debian: apt-get install chromium fonts-dejavu-core; elsewhere: name it in LEEWAY_TEST_CHROMIUM)`

/** For `test(name, {skip}, …)`. In CI a missing browser is a failure, told by test/run.ts. */
export const skipWithoutChromium: string | false = missingForChromium ?? false
