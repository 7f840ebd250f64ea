// A wall clock that a test sets, under a real process: libfaketime, which reads by how much from a file at every look at the clock.

import { globSync, writeFileSync } from 'node:fs'

const [library] = globSync(['/usr/lib/*/faketime/libfaketime.so.1', '/usr/lib/faketime/libfaketime.so.1'])

/** Why the tests that set the clock cannot run; null when they can. */
export const missingForFaketime: string | null =
  library === undefined ? 'libfaketime is not installed (Debian: apt-get install faketime)' : null

/** The environment of a process whose wall clock `set` sets; its monotonic clock runs on. */
export function fakeClock(file: string) {
  writeFileSync(file, '+0\n')
  return {
    env: {
      LD_PRELOAD: library as string,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    /** Sets the clock to the true time and so many seconds. */
    set: (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`),
  }
}
