// A run's summary for people: per model what drifted, how performance moved, which incidents there were.

import Table from 'cli-table3'
import { consoleText } from '../delivery/channels/console.ts'
import { nameOf } from '../delivery/message.ts'
import { count, metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import type { Trigger } from '../retraining/trigger.ts'
import { formatInstant } from '../time.ts'
import { plainTable } from './plain-table.ts'
import type { ModelSummary, PerformanceSummary, RunRecord } from './run-record.ts'

const FEATURES_SHOWN = 8

export function summaryText(models: readonly ModelSummary[], record: RunRecord): string {
  return models.map((model) => modelText(model, record)).join('\n')
}

function modelText(model: ModelSummary, record: RunRecord): string {
  const parts = [
    headline(model),
    driftText(model, record),
    performanceText(model.performance),
    incidentsText(model, record),
  ]
  const triggers = record.triggers.filter(
    (trigger) => trigger.model === model.model && trigger.version === model.version,
  )
  if (triggers.length > 0) parts.push(triggers.map(triggerText).join('\n'))
  return `${parts.join('\n\n')}\n`
}

function headline(model: ModelSummary): string {
  const { predictions, labels, joined, duplicates, late, quarantined, windows } = model
  const odd = [
    [duplicates, 'duplicates'],
    [late, 'late'],
    [quarantined, 'quarantined'],
  ].filter(([number]) => (number as number) > 0)
  const rest = odd.map(([number, what]) => `, ${count(number as number)} ${what}`).join('')
  return `${nameOf(model)}: ${count(predictions)} predictions, ${count(labels)} labels (${count(joined)} joined)${rest}; ${count(windows)} windows`
}

function driftText({ model, version, features }: ModelSummary, record: RunRecord): string {
  const told = new Set(
    record.transitions.flatMap(({ incident, change }) =>
      incident.model === model &&
      incident.version === version &&
      incident.kind === 'drift' &&
      (change === 'firing' || change === 'update')
        ? incident.features
        : [],
    ),
  )
  const drifted = features.filter(({ name }) => told.has(name)).length
  // Whoever drifted is shown, however many there are.
  const shown = features.filter(({ name }, i) => i < FEATURES_SHOWN || told.has(name))
  const table = new Table({ ...plainTable, head: ['feature', 'worst distance', ''] })
  for (const feature of shown) {
    const { name, worst } = feature
    table.push([
      name,
      worst === null ? 'not judged' : `${metricName(worst.method)} ${plainNumber(worst.value)}`,
      worst === null ? '' : driftWord(feature, told),
    ])
  }
  const hidden = features.length - shown.length
  const more = hidden > 0 ? `\n  … and ${hidden} more` : ''
  return `What drifted: ${drifted} of ${features.length} features\n${table.toString()}${more}`
}

function driftWord({ name, windows }: ModelSummary['features'][number], told: ReadonlySet<string>): string {
  const often = `${count(windows.alarmed)} of ${count(windows.judged)} windows`
  if (told.has(name)) return `▲ drifted in ${often}`
  return windows.alarmed > 0 ? `✓ ok: alarmed in ${often}, too briefly to be told` : '✓ ok'
}

function performanceText(performance: readonly PerformanceSummary[]): string {
  const table = new Table({ ...plainTable, head: ['metric', 'reference', 'whole run (95 %)', 'last window (95 %)'] })
  for (const { metric, reference, whole, last, low, high } of performance) {
    table.push([
      metricName(metric),
      reference === null ? '–' : plainNumber(reference),
      whole === null ? '–' : withInterval(whole.value, whole.low, whole.high),
      last === null ? '–' : withInterval(last, low, high),
    ])
  }
  return `How performance moved\n${table.toString()}`
}

function incidentsText({ model, version, incidents }: ModelSummary, record: RunRecord): string {
  const told = record.messages.filter(({ message }) => message.model === model && message.version === version)
  // One message may go to several channels; a person reads it once.
  const keys = new Set<string>()
  const texts: string[] = []
  for (const { message } of told) {
    const key = `${message.incidentId}|${message.at}|${message.change}`
    if (keys.has(key)) continue
    keys.add(key)
    texts.push(consoleText(message).replace(/^/gm, '  ').trimEnd())
  }
  const fired = Object.entries(incidents)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${kind}`)
  return fired.length === 0 ? 'Incidents: none' : `Incidents: ${fired.join(', ')}\n${texts.join('\n')}`
}

function triggerText({ id, target, at, incident }: Trigger): string {
  return `Retraining asked for at ${formatInstant(at)} by ${target}, for the ${incident.kind} incident ${id}`
}
