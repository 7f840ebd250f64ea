// What a rule is, and what shows that it does what it says.

export interface Recording {
  readonly record: string
  readonly expr: string
}

/** Series over time in promtool's notation, one value a minute: `0+1x30`, `_x5 3x10`. */
export type SeriesOverTime = Readonly<Record<string, string>>

export interface Alert {
  readonly alert: string
  readonly expr: string
  /** How long it must be so; left out: at once. */
  readonly for?: string
  readonly severity: 'critical' | 'warning'
  /** What is wrong, in one line: with `{{ $labels.… }}` and `{{ … $value … }}`. */
  readonly summary: string
  /** What it means, and for whom. */
  readonly description: string
  /** What to do: a section of docs/operations.md. */
  readonly runbook: string
  /** A world in which it fires. */
  readonly fires: {
    readonly series: SeriesOverTime
    readonly at: string
    /** Besides `severity`. */
    readonly labels: Readonly<Record<string, string>>
    /** How the value reads. */
    readonly value?: string
  }
  /** A world that is much like it, in which it does not. */
  readonly quiet: { readonly series: SeriesOverTime; readonly at: string }
}

export interface Group {
  readonly name: string
  readonly recordings?: readonly Recording[]
  readonly alerts: readonly Alert[]
}

/**
 * A counter went up within `range`, its first appearance with some value included: `increase` does not see that. It does not count when
 * nothing was known of the daemon before.
 *
 * @param by labels to tell apart, besides those of the daemon
 */
export function grown(counter: string, selector: string, by: string, range: string): string {
  const labels = `job, instance, ${by}`
  return `sum by (${labels}) (increase(${counter}{${selector}}[${range}])) > 0
or (
  sum by (${labels}) (${counter}{${selector}}) unless sum by (${labels}) (${counter}{${selector}} offset ${range})
) and on (job, instance) leeway_build_info offset ${range}`
}
