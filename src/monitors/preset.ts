// A column judged as another tool would: its value, its threshold, its rule alone, and none of Leeway's care against false alarms.

import type { PreparedColumn } from '../reference/comparison.ts'
import { compareColumn, rowsWithValue } from '../reference/comparison.ts'
import { ladderOf } from '../reference/ladder.ts'
import { driftTest } from '../reference/noise.ts'
import { presetOf } from '../reference/preset.ts'
import { measurePreset } from '../reference/preset-measure.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Subject } from './subject.ts'
import { windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** The verdict of the column's preset; undefined where Leeway's own rule judges it. */
export function judgeByPreset(
  subject: Subject,
  spec: WindowSpec,
  column: PreparedColumn,
  current: Float64Array,
): Verdict | undefined {
  const { cells } = column
  const { reference, settings } = subject
  const choice = presetOf(settings.presets, cells.column)
  if (choice === null) return undefined
  const monitor = driftTest(cells.column)
  const identity = { monitor, kind: 'drift', feature: cells.column.name } as const
  const tool = choice.preset.tool
  const calibrated = windowNoise(subject, spec)?.calibrated === true
  const none = { value: null, reference: null, low: null, high: null, calibrated } as const
  const rows = rowsWithValue(cells, current)
  if (rows < settings.minSamples) {
    const reason = `${rows} rows with a value, ${settings.minSamples} needed`
    return { ...identity, metric: tool, status: 'insufficient', ...none, reason }
  }
  const learnt = reference.presetThresholds?.[spec.name]?.[monitor] ?? null
  const drift = measurePreset(choice, cells, { reference: reference.inputs, current }, learnt)
  if (typeof drift === 'string') return { ...identity, metric: tool, status: 'insufficient', ...none, reason: drift }
  return {
    ...identity,
    metric: drift.method,
    status: drift.drifted ? 'alarm' : 'ok',
    value: drift.value,
    threshold: drift.threshold,
    effect: drift.value,
    pValue: drift.pValue,
    low: null,
    high: null,
    reference: null,
    calibrated,
    // The tool's rule alone: nothing more is asked for before people are told.
    severe: drift.drifted,
    holds: ladderOf(spec).map(() => drift.drifted),
    matters: drift.drifted,
    clear: !drift.drifted,
    // Features are ranked by PSI, the one distance that all of them have.
    methods: { [drift.method]: drift.value, psi: compareColumn(column, current).distances().psi },
  }
}
