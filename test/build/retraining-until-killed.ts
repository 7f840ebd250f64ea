// A process that goes through the retraining requests of a state, and kills itself when a moment has come so many times.
//
//   node retraining-until-killed.ts DIRECTORY URL RECEIVER MOMENT TIMES [FAULT]

import type { RetrainingFault } from '../../src/assembly/retraining-calls.ts'
import { openStore } from '../../src/store/store.ts'
import type { Receiver } from './retraining-rig.ts'
import { createLoop, orchestratorAt } from './retraining-rig.ts'

const [directory = '', url = '', receiver, moment, times, fault] = process.argv.slice(2)
let come = 0
const loop = createLoop({
  store: openStore(directory),
  orchestrator: orchestratorAt(url, receiver as Receiver),
  fault: fault as RetrainingFault | undefined,
  probe(at) {
    if (at === moment && ++come === Number(times)) process.kill(process.pid, 'SIGKILL')
  },
})
setInterval(() => loop.tick(), 10)
