// The loop of retraining on a state of its own, with an orchestrator on this machine: for tests that end it anywhere.

import type { RetrainingOptions } from '../../src/assembly/retraining.ts'
import { Retraining } from '../../src/assembly/retraining.ts'
import type { RetrainingFault } from '../../src/assembly/retraining-calls.ts'
import type { Probe } from '../../src/probe.ts'
import type { Orchestrator } from '../../src/retraining/orchestrator.ts'
import type { RetrainingRule } from '../../src/retraining/rule.ts'
import type { Store } from '../../src/store/store.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { rule } from '../retraining/requests.ts'
import { changes, incident, trigger } from '../store/changes.ts'
import { orchestratorFrom, standInSettings } from './orchestrator.ts'

/** A: keeps keys. B: does not. `blind`: its runs cannot be looked for either. */
export type Receiver = 'A' | 'B' | 'blind B'

export function orchestratorAt(url: string, receiver: Receiver, timeout = '10s'): Orchestrator {
  const { find, ...rest } = standInSettings(url, receiver === 'A' ? 'A' : 'B')
  return orchestratorFrom({ ...rest, timeout, ...(receiver !== 'blind B' && { find }) })
}

export interface RigOptions {
  readonly store: Store
  readonly orchestrator: Orchestrator
  readonly rules?: Partial<RetrainingRule>
  readonly probe?: Probe
  readonly fault?: RetrainingFault | undefined
  readonly onFailure?: (error: unknown) => void
}

export function optionsOf({ store, orchestrator, rules = {}, probe, fault, onFailure }: RigOptions): RetrainingOptions {
  const settings = new Map([['m', rule({ verifyWindows: 0, promote: false, ...rules })]])
  return {
    store,
    rules: () => settings,
    orchestrators: new Map([['m', orchestrator]]),
    routes: () => [{ model: null, kind: null, severity: null, to: ['team'] }],
    settings: { publicUrl: null },
    clock: Date.now,
    random: () => 0.01,
    referenceOf: () => null,
    isReplay: false,
    promote: () => ({ outcome: 'done', detail: '' }),
    told() {},
    metrics: { retraining() {}, retrainingEnded() {} },
    log: createLog('silent'),
    onFailure:
      onFailure ??
      ((error) => {
        throw error
      }),
    onTrouble() {},
    probe,
    fault,
  }
}

/** An incident fires, and asks in the same commit. */
export function fire(store: Store, id = 'a41c9d3300000001'): void {
  const fired = incident({ id, kind: 'performance' })
  store.commit(changes({ incidents: [fired], triggers: [trigger({ id, askedAt: Date.now(), incident: fired })] }))
}

export const createLoop = (options: RigOptions): Retraining => new Retraining(optionsOf(options))
