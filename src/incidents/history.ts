// What was said of past windows, so small that ten thousand windows of a hundred monitors fit into a few megabytes: of each verdict
// the dozen bits that the alarm policy asks for. Of a rule that is to be tuned the verdicts themselves are kept beside it (a course).

import { floorIn, floorUnitOf } from '../monitors/rejudge.ts'
import type { Judged, TestIdentity, Verdict, WindowKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { isCritical, isStrong } from './severity.ts'

/** One evaluation of a window, in the order in which they were made. */
export interface Evaluated {
  readonly spec: WindowSpec
  readonly result: WindowResult
  /** The kinds of which it was the word that the policy heard. */
  readonly news: readonly WindowKind[]
}

export interface PastWindow
  extends Omit<Evaluated, 'result'>,
    Pick<WindowResult, 'start' | 'end' | 'samples' | 'labelled'> {}

/** The bits of a verdict. Absent is 0: the monitor was not configured then. */
const SAID = 1
const JUDGED = 1 << 1
const HOLDS = 2
const MATTERS = 1 << 6
const CLEAR = 1 << 7
const CRITICAL = 1 << 8
const STRONG = 1 << 9
const WARNS = 1 << 10
const ALARMS = 1 << 11
const HOLDS_MASK = 0b1111 << HOLDS

export class PastMonitor {
  readonly identity: TestIdentity
  /** In what its floor is given, or why it cannot be moved. */
  unit: ReturnType<typeof floorUnitOf>
  /** What its newest verdict was held against; null: it never was. */
  floor: number | null = null
  /** By window of the history. */
  #words = new Uint16Array(256)
  readonly #verdicts = new Map<number, Verdict>()

  constructor(verdict: Verdict) {
    const { monitor, kind, feature, metric } = verdict
    this.identity = { monitor, kind, feature, metric }
    this.unit = floorUnitOf(verdict)
  }

  set(window: number, verdict: Verdict): void {
    if (window >= this.#words.length) {
      const words = new Uint16Array(2 * window)
      words.set(this.#words)
      this.#words = words
    }
    this.#words[window] = wordOf(verdict)
    if (verdict.status === 'insufficient') return
    this.unit = floorUnitOf(verdict)
    this.floor = floorIn(verdict)
  }

  holds(window: number): boolean {
    return ((this.#words[window] ?? 0) & HOLDS_MASK) !== 0
  }

  /** What the policy would hear; undefined where the monitor was not configured. Equal words are one object. */
  verdict(window: number): Verdict | undefined {
    const word = this.#words[window] ?? 0
    if (word === 0) return undefined
    let verdict = this.#verdicts.get(word)
    if (verdict === undefined) {
      verdict = verdictOf(this.identity, word)
      this.#verdicts.set(word, verdict)
    }
    return verdict
  }
}

function wordOf(verdict: Verdict): number {
  if (verdict.status === 'insufficient') return SAID
  const { holds, matters, clear, status } = verdict
  const bit = (isSo: boolean, mask: number) => (isSo ? mask : 0)
  return (
    SAID |
    JUDGED |
    holds.reduce((bits, held, rung) => bits | bit(held, 1 << (HOLDS + rung)), 0) |
    bit(matters, MATTERS) |
    bit(clear, CLEAR) |
    bit(isCritical(verdict), CRITICAL) |
    bit(isStrong(verdict), STRONG) |
    bit(status === 'warning', WARNS) |
    bit(status === 'alarm', ALARMS)
  )
}

/** A verdict of which the policy says the same. Its numbers stand for what the policy reads from numbers, and are shown to nobody. */
function verdictOf(identity: TestIdentity, word: number): Verdict {
  const has = (mask: number) => (word & mask) !== 0
  const numbers = { reference: 0, low: null, high: null }
  if (!has(JUDGED))
    return { ...identity, status: 'insufficient', value: null, ...numbers, reason: '', calibrated: true }
  const value = has(STRONG) ? 2 : 1
  return {
    ...identity,
    status: has(ALARMS) ? 'alarm' : has(WARNS) ? 'warning' : 'ok',
    ...numbers,
    value,
    threshold: 1,
    effect: value,
    pValue: null,
    low: value,
    high: value,
    calibrated: true,
    severe: has(CRITICAL),
    holds: Array.from({ length: 4 }, (_, rung) => has(1 << (HOLDS + rung))),
    matters: has(MATTERS),
    clear: has(CLEAR),
  }
}

/** The evaluations of one model version. */
export class History {
  readonly model: string
  readonly version: string
  readonly windows: PastWindow[] = []
  readonly monitors = new Map<string, PastMonitor>()

  constructor({ model, version }: Pick<WindowResult, 'model' | 'version'>) {
    this.model = model
    this.version = version
  }

  /** @returns the index of the window */
  add({ spec, news, result }: Evaluated): number {
    const { start, end, samples, labelled, verdicts } = result
    const index = this.windows.push({ spec, news, start, end, samples, labelled }) - 1
    for (const verdict of verdicts) {
      if (!news.includes(verdict.kind)) continue
      let monitor = this.monitors.get(verdict.monitor)
      if (monitor === undefined) {
        monitor = new PastMonitor(verdict)
        this.monitors.set(verdict.monitor, monitor)
      }
      monitor.set(index, verdict)
    }
    return index
  }

  /** Of a kind, in the order in which they were first heard of. */
  monitorsOf(kind: WindowKind): PastMonitor[] {
    return [...this.monitors.values()].filter(({ identity }) => identity.kind === kind)
  }

  /** End of the oldest window. */
  get from(): Instant | undefined {
    return this.windows.reduce<Instant | undefined>((first, { end }) => Math.min(first ?? end, end), undefined)
  }

  /** End of the newest window. */
  get until(): Instant | undefined {
    return this.windows.reduce<Instant | undefined>((last, { end }) => Math.max(last ?? end, end), undefined)
  }
}

/** The verdicts of one rule, by window of the history. */
export type Course = Map<number, Verdict>

/** Those that were judged. */
export function judgedIn(course: Course): Judged[] {
  return [...course.values()].filter((verdict): verdict is Judged => verdict.status !== 'insufficient')
}
