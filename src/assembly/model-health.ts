// What readiness and the log say of the models under watch.

import type { Pipeline } from '../pipeline.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'

/** Estimates that labels refute are no reason to send no traffic: the check is passed, and says so. */
export function tellOfEstimates(health: Health, pipeline: Pipeline): void {
  for (const { name, streams } of pipeline.models()) {
    const broken = new Set([...streams.values()].flatMap(({ calibration }) => Object.keys(calibration.broken)))
    const because = broken.size === 0 ? 'sound' : `calibration broken: ${[...broken].join(', ')}`
    health.set(checkOfEstimates(name), true, because)
  }
}

/** The model is no longer configured. */
export function forgetEstimates(health: Health, model: string): void {
  health.forget(checkOfEstimates(model))
}

function checkOfEstimates(model: string): string {
  return `estimates of ${model}`
}

/** Somebody put them into force, and the configuration's reference has other bins or classes now. */
export function tellOfSetAside(log: Log, pipeline: Pipeline): void {
  for (const { name, setAside } of pipeline.models())
    for (const { id, source } of setAside)
      log.warn(
        { model: name, reference: id, source },
        'a reference that was made of production is not in force: the configuration names one with other bins or classes; leeway reference revert takes it out of the history',
      )
}

export function tellOfSleepers(log: Log, { asleep }: Pipeline): void {
  if (asleep.length === 0) return
  log.warn(
    { models: asleep },
    'the state holds models that the configuration does not have: what is known of them is kept, and they are not watched',
  )
}
