// Whether a real Alertmanager is there to be tested against.

import { spawnSync } from 'node:child_process'

/** What is missing, and how to get it; null when it is there. In CI that is a failure, told by test/run.ts. */
export const missingForAlertmanager: string | null =
  spawnSync('prometheus-alertmanager', ['--version']).error === undefined
    ? null
    : 'prometheus-alertmanager is not installed (Debian: apt-get install prometheus-alertmanager)'
