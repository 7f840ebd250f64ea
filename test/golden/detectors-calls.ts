// The golden calls that are detectors on streams of losses.

import { adwinMean, createAdwin, updateAdwin } from '../../src/statistics/detectors/adwin.ts'
import { createCusum, updateCusum } from '../../src/statistics/detectors/cusum.ts'
import { createDdm, updateDdm } from '../../src/statistics/detectors/ddm.ts'
import { createEDetector, updateEDetector } from '../../src/statistics/detectors/e-detector.ts'
import type { EcddRunLength } from '../../src/statistics/detectors/ecdd.ts'
import { createEcdd, updateEcdd } from '../../src/statistics/detectors/ecdd.ts'
import { createEddm, updateEddm } from '../../src/statistics/detectors/eddm.ts'
import { createHddmA, updateHddmA } from '../../src/statistics/detectors/hddm-a.ts'
import { createHddmW, updateHddmW } from '../../src/statistics/detectors/hddm-w.ts'
import type { PageHinkleyMode } from '../../src/statistics/detectors/page-hinkley.ts'
import { createPageHinkley, updatePageHinkley } from '../../src/statistics/detectors/page-hinkley.ts'
import type { Arguments, Call } from './call.ts'

type Update<State> = (state: State, value: number) => boolean

/** Runs a detector over the values; what it says at the end, beside the changes, is up to `final`. */
function over<State>(
  create: (args: Arguments) => State,
  update: Update<State>,
  final?: (state: State) => Readonly<Record<string, unknown>>,
): Call {
  return {
    run: (args) => {
      const state = create(args)
      const changes: number[] = []
      let firstWarning: number | null = null
      for (const [index, value] of args.numbers('values').entries()) {
        if (update(state, value)) changes.push(index)
        if (firstWarning === null && (state as { warned?: boolean }).warned === true) firstWarning = index
      }
      return { changes, firstWarning, ...final?.(state) }
    },
  }
}

/** The case's options of the given names; those it leaves out keep their defaults. */
function options(args: Arguments, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.filter((name) => args.has(name)).map((name) => [name, args.number(name)]))
}

/** Whether both sides are tested, where the case says so. */
function sides(args: Arguments): { twoSided?: boolean } {
  return args.has('twoSided') ? { twoSided: args.flag('twoSided') } : {}
}

export const detectorsCalls: Readonly<Record<string, Call>> = {
  adwin: over(
    (args) => createAdwin(options(args, ['delta', 'clock', 'minWindow', 'grace', 'maxBuckets'])),
    updateAdwin,
    (state) => ({ finalMean: adwinMean(state), finalWidth: state.width }),
  ),
  pageHinkley: over(
    (args) =>
      createPageHinkley({
        ...options(args, ['minInstances', 'delta', 'threshold', 'alpha']),
        ...(args.has('mode') ? { mode: args.text('mode') as PageHinkleyMode } : {}),
      }),
    updatePageHinkley,
  ),
  ddm: over((args) => createDdm(options(args, ['warmStart', 'warning', 'drift'])), updateDdm),
  eddm: over((args) => createEddm(options(args, ['warmStart', 'alpha', 'beta'])), updateEddm),
  hddmA: over((args) => createHddmA({ ...options(args, ['drift', 'warning']), ...sides(args) }), updateHddmA),
  hddmW: over((args) => createHddmW({ ...options(args, ['drift', 'warning', 'lambda']), ...sides(args) }), updateHddmW),
  cusum: over((args) => createCusum(options(args, ['minInstances', 'delta', 'threshold'])), updateCusum),
  ecdd: over(
    (args) =>
      createEcdd({
        ...options(args, ['minInstances', 'lambda', 'warning']),
        ...(args.has('averageRunLength') ? { averageRunLength: args.number('averageRunLength') as EcddRunLength } : {}),
      }),
    updateEcdd,
  ),
  eDetector: {
    run: (args) => {
      const state = createEDetector({
        m: args.number('m'),
        bets: [...args.numbers('bets')],
        threshold: args.number('threshold'),
      })
      const [trials, errors] = [args.numbers('trials'), args.numbers('errors')]
      if (trials.length !== errors.length) {
        throw new RangeError(`eDetector: errors has ${errors.length} panes, trials ${trials.length}`)
      }
      const logStatistic: number[] = []
      let firstAlarm: number | null = null
      for (let pane = 0; pane < trials.length; pane++) {
        const changed = updateEDetector(state, { trials: trials[pane] as number, errors: errors[pane] as number })
        if (changed && firstAlarm === null) firstAlarm = pane
        logStatistic.push(state.logStatistic as number)
      }
      return { logStatistic, firstAlarm }
    },
  },
}
