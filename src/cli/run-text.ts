// A run's summary for people: per model which incidents there were, what drifted, how performance moved.

import Table from 'cli-table3'
import { consoleText } from '../delivery/channels/console.ts'
import { nameOf } from '../delivery/message.ts'
import { safeLine } from '../delivery/text-safety.ts'
import { count, metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import type { Incident } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import type { WindowCounts } from '../overview/window-counts.ts'
import type { Trigger } from '../retraining/trigger.ts'
import { formatInstant } from '../time.ts'
import { plainTable } from './plain-table.ts'
import type { ModelSummary, RunRecord } from './run-record.ts'

const FEATURES_SHOWN = 8

export function summaryText(models: readonly ModelSummary[], record: RunRecord): string {
  return models.map((model) => modelText(model, record)).join('\n')
}

function modelText(model: ModelSummary, record: RunRecord): string {
  // The summary comes last: it is what a terminal still shows when everything has been printed.
  const parts = [
    headline(model),
    incidentsText(model, record),
    driftText(model, record),
    performanceText(model, record),
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
  return `${safeLine(nameOf(model))}: ${count(predictions)} predictions, ${count(labels)} labels (${count(joined)} joined)${rest}; ${count(windows)} windows`
}

function driftText(model: ModelSummary, record: RunRecord): string {
  const { features } = model
  const told = new Set(toldOf(model, record, 'drift').flatMap((incident) => incident.features))
  const drifted = features.filter(({ name }) => told.has(name)).length
  // Whoever drifted is shown, however many there are.
  const shown = features.filter(({ name }, i) => i < FEATURES_SHOWN || told.has(name))
  const table = new Table({ ...plainTable, head: ['feature', 'worst distance', ''] })
  for (const { name, worst, windows } of shown) {
    table.push([
      safeLine(name),
      worst === null ? '–' : `${metricName(worst.method)} ${plainNumber(worst.value)}`,
      verdictWord('drifted', windows, told.has(name)),
    ])
  }
  const hidden = features.length - shown.length
  const more = hidden > 0 ? `\n  … and ${hidden} more` : ''
  return `What drifted: ${drifted} of ${features.length} features\n${table.toString()}${more}`
}

/** The incidents of a kind as people were told of them, each time they were. */
function toldOf({ model, version }: ModelSummary, { transitions }: RunRecord, kind: MonitorKind): Incident[] {
  return transitions.flatMap(({ incident, change }) =>
    incident.model === model &&
    incident.version === version &&
    incident.kind === kind &&
    (change === 'firing' || change === 'update')
      ? incident
      : [],
  )
}

/** What became of a test in all windows. */
function verdictWord(word: string, { judged, alarmed }: WindowCounts, wasTold: boolean): string {
  const often = `${count(alarmed)} of ${count(judged)} windows`
  if (wasTold) return alarmed > 0 ? `▲ ${word} in ${often}` : `▲ ${word} a little, for long`
  if (alarmed > 0) return `✓ alarmed in ${often}, too briefly to be told`
  return judged > 0 ? '✓ no alarm' : 'not judged'
}

function performanceText(model: ModelSummary, record: RunRecord): string {
  // An incident of performance is told once; metrics that got worse while it lasted are part of it.
  const told = toldOf(model, record, 'performance')
  const named = new Set(told.flatMap(({ evidence }) => evidence.map(({ metric }) => metric)))
  const head = ['metric', 'reference', 'whole run (95 %)', 'last window (95 %)', '']
  const table = new Table({ ...plainTable, head })
  for (const { metric, reference, whole, last, low, high, windows } of model.performance) {
    table.push([
      metricName(metric),
      reference === null ? '–' : plainNumber(reference),
      whole === null ? '–' : withInterval(whole.value, whole.low, whole.high),
      last === null ? '–' : withInterval(last, low, high),
      verdictWord('worse', windows, named.has(metric) || (told.length > 0 && windows.alarmed > 0)),
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
