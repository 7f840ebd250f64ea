// Holds messages back while a state is rebuilt from the start of its log, until the present is reached.

import type { Plan } from '../delivery/plan.ts'
import type { Partition } from '../sources/source.ts'
import type { Rebuild } from '../store/rebuild.ts'
import { held } from '../store/rebuild.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Instant } from '../time.ts'
import { SECOND } from '../time.ts'

interface Reading {
  /** What each source was assigned. */
  readonly assigned: ReadonlyMap<string, readonly Partition[]>
  /** How far each source was read, and whether all of it is committed. */
  readonly progress: ReadonlyArray<{
    readonly source: string
    readonly partitions: ReadonlyArray<Partition & { readonly nextOffset: number; readonly endOffset: number }>
  }>
  readonly isCommitted: boolean
}

/** Whether every partition has been read up to where it ended when it was last looked at. */
export function isCaughtUp({ assigned, progress, isCommitted }: Reading): boolean {
  return (
    isCommitted &&
    progress.every(({ source, partitions }) => {
      const read = new Set(
        partitions
          .filter(({ nextOffset, endOffset }) => nextOffset >= endOffset)
          .map(({ topic, partition }) => `${topic}/${partition}`),
      )
      return assigned.get(source)?.every(({ topic, partition }) => read.has(`${topic}/${partition}`)) ?? false
    })
  )
}

export interface QuietRebuild {
  /** What of a plan is to be sent now. */
  apply(plan: Plan): Plan
  /** Looks now and then whether the present is reached. */
  watch(options: {
    reading: () => Reading
    now: () => Instant
    ended: () => void
    fail: (error: unknown) => void
  }): RebuildWatch
}

export interface RebuildWatch {
  /** To be called after each commit: under steady traffic all is committed at no other time. */
  look(): void
  stop(): void
}

/** @param options.isWanted begin one when the state is empty; one that was begun is gone on with in any case */
export function quietRebuild(store: Store, { isWanted, log }: { isWanted: boolean; log: Log }): QuietRebuild {
  const { rebuild } = store
  if (isWanted && !rebuild.isOn && store.positions().length === 0) {
    rebuild.begin()
    log.warn(
      'what people did is not in the log that is read: references that were accepted or promoted are lost with the state, and models are compared with what the configuration says; a backup has them, and a profile that was written of one can be named there',
    )
  }
  if (rebuild.isOn) log.warn('the state is rebuilt: messages are held until every source is read to its end')
  return {
    apply({ notifications, trigger, ...plan }) {
      if (!rebuild.isOn) return { notifications, trigger, ...plan }
      return {
        ...plan,
        notifications: notifications.map(held),
        trigger: trigger === null ? null : { ...trigger, isHeld: true },
      }
    },
    watch({ reading, now, ended, fail }) {
      if (!rebuild.isOn) return { look() {}, stop() {} }
      let timer: NodeJS.Timeout | undefined
      const stop = () => {
        clearInterval(timer)
        timer = undefined
      }
      const look = () => {
        try {
          if (timer === undefined || !isCaughtUp(reading())) return
          end(rebuild, now(), log)
          stop()
          ended()
        } catch (error) {
          if (!(error instanceof StoreError) || error.kind !== 'full') fail(error)
        }
      }
      timer = setInterval(look, SECOND)
      return { look, stop }
    },
  }
}

function end(rebuild: Rebuild, now: Instant, log: Log): void {
  const { told, putAside } = rebuild.end(now)
  log.info({ told, putAside }, 'the state is rebuilt: what still fires is told, what has passed is not')
}
