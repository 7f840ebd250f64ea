// A source with its health, its metrics and its log lines, from its start to its stop.

import type { SourceSettings } from '../config/source-settings.ts'
import type { Probe } from '../probe.ts'
import type { OnProgress } from '../sources/codecs/row-reader.ts'
import type { ClientLog } from '../sources/kafka-client.ts'
import type { Partition, Source } from '../sources/source.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { fileSourceOf, kafkaSourceOf } from './sources.ts'

export interface SourceContext {
  readonly log: Log
  readonly onProgress?: OnProgress
  readonly probe?: Probe | undefined
  /** For tests of exactness. */
  readonly negativeControl?: { readonly identityIgnored?: boolean; readonly clientIsStuck?: () => boolean }
}

export function checkOfSource(name: string): string {
  return `source ${name}`
}

export function expectSource(health: Health, { name, type }: SourceSettings): void {
  if (type === 'kafka') health.expect(checkOfSource(name), 'no partitions are assigned yet')
}

export function clientLog({ name }: SourceSettings, log: Log): ClientLog {
  return (level, message) => log[level]({ source: name }, message)
}

/** Ready to be read. What it says after it was stopped is no longer of interest. */
export function makeSource(
  settings: SourceSettings,
  { log, onProgress, negativeControl, probe }: SourceContext,
  { health, metrics }: { readonly health: Health; readonly metrics: Metrics },
): Source {
  if (settings.type === 'file') return fileSourceOf(settings, onProgress)
  let isStopped = false
  const halted: Partition[] = []
  const checkOfPartition = ({ topic, partition }: Partition) =>
    `partition ${topic}/${partition} of ${checkOfSource(settings.name)}`
  const source = kafkaSourceOf(settings, {
    probe,
    log: clientLog(settings, log),
    onTrouble: (message) => {
      if (isStopped) return
      health.set(checkOfSource(settings.name), message === null, message ?? 'reading')
      metrics.sourceReads(settings.name, message === null)
    },
    onHalted: (place, because) => {
      if (isStopped) return
      halted.push(place)
      metrics.halted({ source: settings.name, ...place }, true)
      health.set(checkOfPartition(place), false, because)
      log.error({ source: settings.name, ...place }, because)
    },
    comparesIdentity: negativeControl?.identityIgnored !== true,
    onReconnect: () => metrics.sourceReconnected(settings.name),
    ...(negativeControl?.clientIsStuck && { isStuck: negativeControl.clientIsStuck }),
  })
  return {
    ...source,
    run(receiver) {
      expectSource(health, settings)
      return source.run(receiver)
    },
    stop() {
      isStopped = true
      for (const place of halted) {
        metrics.halted({ source: settings.name, ...place }, false)
        health.forget(checkOfPartition(place))
      }
      metrics.sourceReads(settings.name, null)
      return source.stop()
    },
  }
}
