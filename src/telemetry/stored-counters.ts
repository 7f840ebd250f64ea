// The counters that are stored with the state, and so survive restarts, as Prometheus shows them.

import type { Counter } from 'prom-client'
import type { CounterRow } from '../store/changes.ts'
import { safeLabels } from './text-page.ts'

type MakeCounter = (name: string, help: string, labelNames?: readonly string[]) => Counter

/** Registers them. @returns sets them to what is stored now */
export function storedCounters(counter: MakeCounter): (rows: readonly CounterRow[]) => void {
  const predictions = counter('leeway_predictions_total', 'Predictions counted', ['model', 'version'])
  const labels = counter('leeway_labels_total', 'Labels received', ['model', 'version'])
  const rejected = counter('leeway_records_rejected_total', 'Records that could not be used', ['reason'])
  const lost = counter('leeway_records_lost_total', 'Records that were never read, and cannot be any more', [
    'source',
    'topic',
    'partition',
    'reason',
  ])
  const late = counter('leeway_late_events_total', 'Predictions that came after the allowed lateness', [
    'model',
    'version',
  ])
  const duplicates = counter('leeway_duplicates_total', 'Events that were counted before', ['model', 'version', 'type'])

  const fates = counter('leeway_label_fates_total', 'What became of each label when it came', ['model', 'fate'])
  const earlyFates = counter(
    'leeway_early_labels_total',
    'What became of labels that waited for their prediction, when it came',
    ['model', 'fate'],
  )
  const evicted = counter(
    'leeway_join_evicted_total',
    'Entries dropped before their label horizon because too many were kept (LEEWAY_JOIN_ENTRIES_MAX)',
  )
  const tombstones = counter('leeway_tombstones_total', 'Records without a value, which say nothing')
  const unknownKeys = counter(
    'leeway_unknown_keys_total',
    'Keys of canonical events that mean nothing and were ignored',
  )
  const plain = new Map([
    ['join_evicted', evicted],
    ['tombstones', tombstones],
    ['unknown_keys', unknownKeys],
  ])
  const overLimit = counter('leeway_over_limit_total', 'What a limit of the configuration kept out, or let go', [
    'limit',
    'model',
  ])
  const unknownFeatures = counter(
    'leeway_unknown_features_total',
    'Values of features that the reference does not have',
    ['model'],
  )
  const forgotten = counter('leeway_forgotten_total', 'Rows of the state that were kept long enough', ['what'])

  const pulled = [
    predictions,
    labels,
    rejected,
    lost,
    late,
    duplicates,
    fates,
    earlyFates,
    ...plain.values(),
    overLimit,
    unknownFeatures,
    forgotten,
  ]

  return (rows) => {
    for (const one of pulled) one.reset()
    for (const { name, model, version, value } of rows) {
      const stream = safeLabels({ model, version })
      const [what, fate = ''] = name.split('/')
      if (what === 'labels' && fate !== '') fates.inc({ ...safeLabels({ model }), fate }, value)
      else if (what === 'early_labels') earlyFates.inc({ ...safeLabels({ model }), fate }, value)
      plain.get(name)?.inc(value)
      if (name === 'predictions') predictions.inc(stream, value)
      else if (name === 'labels') labels.inc(stream, value)
      else if (name === 'late') late.inc(stream, value)
      else if (name === 'duplicate_predictions') duplicates.inc({ ...stream, type: 'prediction' }, value)
      else if (name === 'labels/duplicate') duplicates.inc({ ...stream, type: 'label' }, value)
      else if (name.startsWith('rejected/')) rejected.inc({ reason: name.slice('rejected/'.length) }, value)
      else if (name === 'unknown_model') rejected.inc({ reason: name }, value)
      else if (name.startsWith('lost/')) {
        // Losses are counted by source and partition, in the places of model and version.
        const [topic = '', partition = ''] = version.split('/')
        lost.inc({ source: model, topic, partition, reason: name.slice('lost/'.length) }, value)
      } else if (name === 'unknown_features') unknownFeatures.inc({ model }, value)
      else if (name === 'store/quarantine_evicted') overLimit.inc({ limit: 'quarantine', model }, value)
      else if (name.startsWith('over/')) overLimit.inc({ limit: name.slice('over/'.length), model }, value)
      else if (name.endsWith('_forgotten'))
        forgotten.inc({ what: name.slice('store/'.length, -'_forgotten'.length) }, value)
    }
  }
}
