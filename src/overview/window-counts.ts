// What a run of windows says of each feature and metric taken together: how far it was off at worst, and how often it alarmed.

import { CONCEPT_DRIFT } from '../monitors/concept-drift.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'

/** Windows in which a test was judged, and in which it alarmed. */
export interface WindowCounts {
  readonly judged: number
  readonly alarmed: number
}

export interface FeatureSummary {
  readonly name: string
  /** The distance that was largest against its threshold in any window; null when none was judged. */
  readonly worst: { readonly method: string; readonly value: number } | null
  /** Whether it alarmed in any window; people are told when it lasts. */
  readonly alarmed: boolean
  readonly windows: WindowCounts
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Observed extends Mutable<Omit<FeatureSummary, 'windows'>> {
  strength: number
  readonly windows: Mutable<WindowCounts>
}

/** Of one model version; fed with its windows, in any order. */
export class WindowTally {
  readonly #features = new Map<string, Observed>()
  readonly #performance = new Map<string, Mutable<WindowCounts>>()
  #windows = 0

  add({ verdicts }: Pick<WindowResult, 'verdicts'>): void {
    this.#windows++
    for (const verdict of verdicts) {
      if (verdict.monitor.startsWith('drift/')) this.#observe(verdict)
      if (verdict.kind === 'performance' && verdict.monitor !== CONCEPT_DRIFT) this.#count(verdict)
    }
  }

  get windows(): number {
    return this.#windows
  }

  /** Worst first. */
  features(): FeatureSummary[] {
    return [...this.#features.values()]
      .sort((a, b) => b.strength - a.strength)
      .map(({ name, worst, alarmed, windows }) => ({ name, worst, alarmed, windows }))
  }

  performance(metric: string): WindowCounts {
    return this.#performance.get(metric) ?? { judged: 0, alarmed: 0 }
  }

  #count({ metric, status }: Verdict): void {
    const counts = this.#performance.get(metric) ?? { judged: 0, alarmed: 0 }
    this.#performance.set(metric, counts)
    if (status !== 'insufficient') counts.judged++
    if (status === 'alarm') counts.alarmed++
  }

  #observe(verdict: Verdict): void {
    const name = verdict.feature ?? ''
    const feature = this.#features.get(name) ?? newFeature(name)
    this.#features.set(name, feature)
    if (verdict.status === 'insufficient') return
    feature.windows.judged++
    if (verdict.status === 'alarm') {
      feature.alarmed = true
      feature.windows.alarmed++
    }
    const strength = verdict.methods?.['psi'] ?? verdict.value / (verdict.threshold ?? 1)
    if (feature.worst === null || strength > feature.strength) {
      feature.worst = { method: verdict.metric, value: verdict.value }
      feature.strength = strength
    }
  }
}

function newFeature(name: string): Observed {
  return { name, worst: null, strength: 0, alarmed: false, windows: { judged: 0, alarmed: 0 } }
}
