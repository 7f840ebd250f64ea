// How a column is distributed now, beside its reference: the reference an outline, the present filled, and for each part its share
// of the distance (PSI), so that one sees where the distance comes from.

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { roundValues, scale } from '../../delivery/charts/scale.ts'
import { count, numberWithin, percent, plainNumber } from '../../delivery/wording.ts'
import { html } from '../html.ts'
import { useSetting } from './setting.ts'
import { short } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { Touch } from './touch.ts'
import { useWidth } from './width.ts'

export interface DistributionPart {
  readonly label: string
  /** Shares of the rows that have a value, 0 to 1. */
  readonly reference: number
  readonly current: number
  /** Its part of the PSI. */
  readonly psi: number
  /** Of numbers: values over `from` and up to `to`; null: without end. */
  readonly from?: number | null
  readonly to?: number | null
  /** A category that the reference does not have. */
  readonly isNew?: boolean
}

export interface DistributionData {
  readonly name: string
  readonly kind: 'numeric' | 'categorical'
  /** Rows with a value. */
  readonly rows: { readonly reference: number; readonly current: number }
  /** Ranges in their order; categories with the most frequent first. */
  readonly parts: readonly DistributionPart[]
  readonly psi: number | null
  /** What the two are called; left out: `now` and `reference`. */
  readonly sides?: { readonly current: string; readonly reference: string }
}

export function DistributionChart({ distribution }: { distribution: DistributionData }): VNode {
  const { isStatic } = useSetting()
  const [place, width] = useWidth(720)
  const [chosen, choose] = useState<number | null>(null)
  const { parts, kind } = distribution
  if (parts.length === 0) return html`<div ref=${place} class="chart-empty">There is no value to show.</div>`
  const part = chosen === null ? undefined : parts[chosen]
  const Drawing = kind === 'numeric' ? Ranges : Categories
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${part === undefined ? legend(distribution) : partText(part, distribution.sides)}</p>
    <${Drawing} distribution=${distribution} width=${width} chosen=${chosen} choose=${choose} isStatic=${isStatic} />
  </div>`
}

interface DrawingProps {
  readonly distribution: DistributionData
  readonly width: number
  readonly chosen: number | null
  readonly choose: (index: number | null) => void
  readonly isStatic: boolean
}

const usual = { current: 'now', reference: 'reference' }

function legend({ rows, sides = usual }: DistributionData): VNode {
  return html`<span class="legend"
    ><span class="legend-current"></span>${sides.current}, ${count(rows.current)} rows <span class="legend-reference"></span>${sides.reference}, ${count(rows.reference)} rows</span
  >`
}

const PLOT = 170
const STRIP = 54
/** Between plot and strip, where ranges are named. */
const NAMES = 26

/** Numbers: a column for each range of the reference, whatever its width, so that none is hidden; values stand between them. */
function Ranges({ distribution, width, chosen, choose, isStatic }: DrawingProps): VNode {
  const { parts, name, sides } = distribution
  const [left, right] = [44, width - 8]
  const height = PLOT + NAMES + STRIP
  const step = (right - left) / parts.length
  const most = Math.max(...parts.flatMap(({ reference, current }) => [reference, current]), 1e-9)
  const y = scale([0, most * 1.06], [PLOT, 10])
  const [psiTop, psiBottom] = [PLOT + NAMES + 4, height - 6]
  const psiMost = Math.max(...parts.map(({ psi }) => psi), 1e-9)
  const psiOf = scale([0, psiMost], [0, psiBottom - psiTop - 12])
  const outline = parts
    .map(
      ({ reference }, i) =>
        `${i === 0 ? 'M' : 'L'}${short(left + i * step)} ${short(y(reference))}H${short(left + (i + 1) * step)}`,
    )
    .join('')
  const worst = worstOf(parts)
  return html`<svg class="chart distribution" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    <g role="img" aria-label=${`${name}: now and reference`}>
      <desc>${distributionText(distribution)}</desc>
      ${roundValues([0, most], 4).map(
        (value) =>
          html`<path class="chart-grid" d=${`M${left} ${short(y(value))}H${right}`} /><text class="chart-tick" x=${left - 6} y=${short(y(value) + 4)} text-anchor="end">${percent(value)}</text>`,
      )}
      ${parts.map(
        ({ current }, i) =>
          html`<rect class=${`bar-current${chosen === i ? ' is-chosen' : ''}`} x=${short(left + i * step + 1)} y=${short(y(current))} width=${short(Math.max(1, step - 2))} height=${short(PLOT - y(current))} />`,
      )}
      <path class="bar-reference" d=${`${outline}V${PLOT}M${left} ${PLOT}V${short(y(parts[0]?.reference ?? 0))}`} />
      <path class="chart-axis" d=${`M${left} ${PLOT}H${right}`} />
      ${edgeNames(parts, left, step)}
      <text class="chart-tick" x=${left - 6} y=${psiTop + 12} text-anchor="end">PSI</text>
      ${parts.map(
        ({ psi }, i) =>
          html`<rect class=${`bar-psi${i === worst ? ' is-most' : ''}`} x=${short(left + i * step + 1)} y=${short(psiBottom - psiOf(psi))} width=${short(Math.max(1, step - 2))} height=${short(Math.max(0.5, psiOf(psi)))} />`,
      )}
      ${worst >= 0 && html`<text class="chart-label chart-label-now" x=${short(Math.min(right - 20, Math.max(left + 26, left + (worst + 0.5) * step)))} y=${psiTop + 6} text-anchor="middle">${plainNumber(parts[worst]?.psi ?? 0)}</text>`}
      <path class="chart-axis" d=${`M${left} ${psiBottom}H${right}`} />
    </g>
    ${
      !isStatic &&
      html`<${Touch}
        label=${`${name}, part by part`}
        count=${parts.length}
        chosen=${chosen}
        choose=${choose}
        textOf=${(i: number) => partText(parts[i] as DistributionPart, sides)}
        nearest=${(x: number) => Math.min(parts.length - 1, Math.max(0, Math.floor((x - left) / step)))}
        box=${{ x: left, y: 0, width: right - left, height }}
      />`
    }
  </svg>`
}

/** About the standard deviation of values that lie between these edges. */
function spreadOf(parts: readonly DistributionPart[]): number {
  const edges = parts.flatMap(({ to }) => to ?? [])
  return edges.length < 2 ? 0 : (Math.max(...edges) - Math.min(...edges)) / 4
}

/** Edges between columns, as many as have room. */
function edgeNames(parts: readonly DistributionPart[], left: number, step: number): VNode[] {
  const found: VNode[] = []
  const spread = spreadOf(parts)
  let [free, before] = [left, '']
  for (const [i, { to }] of parts.entries()) {
    if (to == null || i === parts.length - 1) continue
    const rounded = numberWithin(to, spread)
    // Two edges that differ are not told by the same number.
    const text = rounded === before ? numberWithin(to, spread / 1e3) : rounded
    before = rounded
    const [x, half] = [left + (i + 1) * step, (text.length * 6.4) / 2 + 4]
    if (x - half < free) continue
    free = x + half
    found.push(
      html`<path class="chart-axis" d=${`M${short(x)} ${PLOT}v4`} /><text class="chart-tick" x=${short(x)} y=${PLOT + 17} text-anchor="middle">${text}</text>`,
    )
  }
  return found
}

const LINE = 26
const LETTER = 6.6
const BOLD_LETTER = 7.4

/** Categories: lying bars, so that their names have room. */
function Categories({ distribution, width, chosen, choose, isStatic }: DrawingProps): VNode {
  const { parts, name, sides } = distribution
  const isNarrow = width < 520
  const longest = Math.max(...parts.map(({ label }) => label.length)) + 3
  const left = Math.min(isNarrow ? 104 : 190, Math.max(40, Math.ceil(longest * BOLD_LETTER)))
  const psiLeft = width - (isNarrow ? 48 : 150)
  const right = psiLeft - (isNarrow ? 60 : 110)
  const [top, height] = [20, 24 + parts.length * LINE]
  const most = Math.max(...parts.flatMap(({ reference, current }) => [reference, current]), 1e-9)
  const x = scale([0, most], [left, right])
  const psiMost = Math.max(...parts.map(({ psi }) => psi), 1e-9)
  const psiOf = scale([0, psiMost], [0, isNarrow ? 0 : 90])
  const worst = worstOf(parts)
  const letters = Math.floor(left / LETTER) - 1
  return html`<svg class="chart distribution" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    <g role="img" aria-label=${`${name}: now and reference`}>
      <desc>${distributionText(distribution)}</desc>
      <text class="chart-tick" x=${right + 8} y="13">${isNarrow ? 'now' : 'now (reference)'}</text>
      <text class="chart-tick" x=${psiLeft} y="13">PSI</text>
      ${parts.map(({ label, reference, current, psi, isNew }, i) => {
        const y = top + i * LINE
        return html`<g>
          <text class=${`chart-row-name${chosen === i || i === worst ? ' is-active' : ''}`} x=${left - 8} y=${y + 17} text-anchor="end">${isNew === true ? '+ ' : ''}${cut(label, letters)}</text>
          <rect class=${`bar-current${chosen === i ? ' is-chosen' : ''}`} x=${left} y=${y + 5} width=${short(x(current) - left)} height=${LINE - 10} />
          <path class="bar-reference" d=${`M${left} ${y + 2}H${short(x(reference))}v${LINE - 4}H${left}`} />
          <text class="chart-row-value" x=${right + 8} y=${y + 17}>${percent(current)}${isNarrow ? '' : ` (${percent(reference)})`}</text>
          ${!isNarrow && html`<rect class=${`bar-psi${i === worst ? ' is-most' : ''}`} x=${psiLeft} y=${y + 7} width=${short(Math.max(0.5, psiOf(psi)))} height=${LINE - 14} />`}
          <text class="chart-row-value" x=${short(psiLeft + (isNarrow ? 0 : psiOf(psi) + 6))} y=${y + 17}>${plainNumber(psi)}</text>
        </g>`
      })}
      <path class="chart-axis" d=${`M${left} ${top}V${height - 4}`} />
    </g>
    ${
      !isStatic &&
      html`<${Touch}
        label=${`${name}, part by part`}
        count=${parts.length}
        chosen=${chosen}
        choose=${choose}
        textOf=${(i: number) => partText(parts[i] as DistributionPart, sides)}
        nearest=${(_: number, y: number) => Math.min(parts.length - 1, Math.max(0, Math.floor((y - top) / LINE)))}
        box=${{ x: 0, y: top, width, height: height - top }}
      />`
    }
  </svg>`
}

function cut(label: string, letterCount: number): string {
  const signs = [...label]
  return signs.length > letterCount ? `${signs.slice(0, Math.max(1, letterCount - 1)).join('')}…` : label
}

/** Less is nothing to point at. */
const PART_MIN = 0.005

/** The part with the largest share of the distance, or -1 when there is hardly any distance. */
function worstOf(parts: readonly DistributionPart[]): number {
  const most = Math.max(...parts.map(({ psi }) => psi))
  return most >= PART_MIN ? parts.findIndex(({ psi }) => psi === most) : -1
}

/** `20 – 35: 12 % now, 6.3 % in the reference, 0.04 of the PSI` */
function partText(
  { label, current, reference, psi, isNew }: DistributionPart,
  sides?: DistributionData['sides'],
): string {
  const name = isNew === true ? `${label} (new)` : label
  const where = sides ?? { current: 'now', reference: 'in the reference' }
  return `${name}: ${percent(current)} ${where.current}, ${percent(reference)} ${where.reference}, ${plainNumber(psi)} of the PSI`
}

export function distributionText({ name, parts, psi, sides }: DistributionData): string {
  const worst = parts[worstOf(parts)]
  const most = worst === undefined ? '' : ` Most has moved at ${partText(worst, sides)}.`
  return `${name} in ${parts.length} parts, beside the reference${psi === null ? '' : `; PSI ${plainNumber(psi)}`}.${most}`
}

export function distributionTable({ name, parts, sides = usual }: DistributionData): Table {
  return {
    columns: [name, sides.current, sides.reference, 'part of the PSI'],
    rows: parts.map(({ label, current, reference, psi, isNew }) => [
      isNew === true ? `${label} (new)` : label,
      exact(current),
      exact(reference),
      exact(psi),
    ]),
  }
}
