// How long what was counted, judged and delivered is kept. Each commit drops what lies before.

import type { WatchedModel } from '../monitors/watched-model.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY } from '../time.ts'
import type { Watermark } from '../windows/watermark.ts'
import type { Changes } from './changes.ts'

/** Evaluated windows are kept for this long in event time: a year, and a month to compare it with. */
const RESULTS_KEPT_MS: Millis = 400 * DAY
/** What was delivered, and what was given up, is kept for this long by the clock. */
const DELIVERIES_KEPT_MS: Millis = 90 * DAY

interface KeptSource {
  readonly watermark: Watermark
  readonly models: ReadonlyMap<string, WatchedModel>
}

type Dropped = Pick<
  Changes,
  'dropPanes' | 'dropInputsBefore' | 'dropOutcomesBefore' | 'dropResultsBefore' | 'dropEndedBefore'
>

/**
 * What the next commit drops: what no window of any source needs any more. Its panes leave memory at once.
 *
 * @param now the clock that is trusted
 * @param keepOutcomes a run that ends: it sums up all outcomes and tells all of its windows
 */
export function dropped(
  sources: readonly KeptSource[],
  { now, keepOutcomes }: { readonly now: Instant; readonly keepOutcomes: boolean },
): Dropped {
  const { inputsBefore, outcomesBefore, panes } = dropPanes(sources, keepOutcomes)
  return {
    dropPanes: panes,
    dropInputsBefore: inputsBefore,
    dropOutcomesBefore: keepOutcomes ? null : outcomesBefore,
    dropResultsBefore: keepOutcomes ? null : resultsBefore(sources),
    dropEndedBefore: keepOutcomes ? null : now - DELIVERIES_KEPT_MS,
  }
}

/**
 * Each stream's own panes go when none of its windows needs them, whatever other sources and models are at. What nobody watches any
 * more (models that sleep, waiting entries, which have no stream) goes when nothing that is watched, or yet to be learnt, needs it.
 */
function dropPanes(
  sources: readonly KeptSource[],
  keepOutcomes: boolean,
): { inputsBefore: Instant | null; outcomesBefore: Instant | null; panes: Changes['dropPanes'] } {
  let inputsBefore = Number.POSITIVE_INFINITY
  let outcomesBefore = Number.POSITIVE_INFINITY
  const panes: Array<Changes['dropPanes'][number]> = []
  for (const { watermark, models } of sources) {
    for (const model of models.values()) {
      if (watermark.current === undefined || model.learning !== undefined) {
        inputsBefore = Number.NEGATIVE_INFINITY
        outcomesBefore = Number.NEGATIVE_INFINITY
        continue
      }
      for (const watched of model.streams.values()) {
        const keep = watched.retention(watermark.current)
        const drop = (part: 'inputs' | 'outcomes', before: Instant) => {
          watched[part].dropBefore(before)
          if (watched[part].hasDropped) panes.push({ stream: watched.stream.index, segment: '', part, before })
        }
        drop('inputs', keep.inputsBefore)
        if (!keepOutcomes) drop('outcomes', keep.outcomesBefore)
        const ofSegments = watched.retentionOfSegments(watermark.current) ?? keep
        for (const { segment, part, panes: some } of watched.segments?.panes() ?? []) {
          const before = part === 'inputs' ? ofSegments.inputsBefore : ofSegments.outcomesBefore
          if (part === 'outcomes' && keepOutcomes) continue
          some.dropBefore(before)
          if (some.hasDropped) panes.push({ stream: watched.stream.index, segment, part, before })
        }
        inputsBefore = Math.min(inputsBefore, keep.inputsBefore, ofSegments.inputsBefore)
        outcomesBefore = Math.min(outcomesBefore, keep.outcomesBefore, ofSegments.outcomesBefore)
      }
    }
  }
  const finite = (instant: number) => (Number.isFinite(instant) ? instant : null)
  return { inputsBefore: finite(inputsBefore), outcomesBefore: finite(outcomesBefore), panes }
}

/** What is long past for every source. */
function resultsBefore(sources: readonly KeptSource[]): Instant | null {
  const before =
    Math.min(...sources.map(({ watermark }) => watermark.current ?? Number.NEGATIVE_INFINITY)) - RESULTS_KEPT_MS
  return before > 0 ? before : null
}
