// Every command, in the order of the help. A command is a file beside this one that exports `register`.

import type { Command } from 'commander'
import { register as alerts } from './alerts.ts'
import { register as backtest } from './backtest.ts'
import { register as backup } from './backup.ts'
import { register as check } from './check.ts'
import { register as dashboards } from './dashboards.ts'
import { register as demo } from './demo.ts'
import { register as doctor } from './doctor.ts'
import { register as dump } from './dump.ts'
import { register as incidents } from './incidents.ts'
import { register as positions } from './positions.ts'
import { register as produce } from './produce.ts'
import { register as reference } from './reference.ts'
import { register as replay } from './replay.ts'
import { register as report } from './report.ts'
import { register as retrain } from './retrain.ts'
import { register as retraining } from './retraining.ts'
import { register as serve } from './serve.ts'
import { register as silences } from './silences.ts'
import { register as version } from './version.ts'

export const commands: ReadonlyArray<(program: Command) => void> = [
  serve,
  demo,
  replay,
  backtest,
  produce,
  check,
  incidents,
  silences,
  alerts,
  reference,
  dashboards,
  report,
  dump,
  positions,
  doctor,
  backup,
  retrain,
  retraining,
  version,
]
