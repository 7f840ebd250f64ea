// Features by windows: what was said of each, by colour and shape, and how far it went, by size. One cell takes the keyboard:
// arrow keys move it, Enter opens its feature.

import type { VNode } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { percent, plainNumber } from '../../delivery/wording.ts'
import type { Instant } from '../../time.ts'
import { html } from '../html.ts'
import type { StatusName } from '../status.ts'
import { useSetting } from './setting.ts'
import { shapeOf, short, statusWords } from './shapes.ts'
import type { Table } from './table.ts'
import { exact } from './table.ts'
import { stepOf } from './touch.ts'
import { useWidth } from './width.ts'
import type { Zone } from './zone.ts'
import { exactTimeText, roundTimesIn, tableTime } from './zone.ts'

export interface HeatMapRow {
  readonly name: string
  /** What its values measure: `PSI`. */
  readonly metric: string
  /** Where Enter and a click lead. */
  readonly href?: string
  readonly threshold: number | null
  /** How its values are written; left out: as numbers. */
  readonly form?: 'number' | 'share'
  /** One letter a window: o ok, w warning, a alarm, i insufficient, and a space where there was no window. */
  readonly statuses: string
  /** One a window. */
  readonly values: ReadonlyArray<number | null>
}

export interface HeatMapData {
  /** Worst first. */
  readonly rows: readonly HeatMapRow[]
  /** Ends of the windows; of a column that stands for several, the end of the last. */
  readonly ends: readonly string[]
  /** Windows that a column stands for; it shows the worst of them. */
  readonly windowsPerColumn: number
}

const letters: Readonly<Record<string, StatusName>> = { o: 'ok', w: 'warning', a: 'alarm', i: 'insufficient' }
const ROW = 20
const AXIS = 26
const NARROW = 520
/** Shapes in narrower columns cannot be told apart. */
const STEP_MIN = 7
/** Letters of a name for each pixel of room. */
const LETTER = 6.6

export interface Cell {
  readonly row: number
  readonly column: number
}

export function HeatMap({ map: whole, onOpen }: { map: HeatMapData; onOpen?: (href: string) => void }): VNode {
  const { zone, isStatic } = useSetting()
  const [place, width] = useWidth(720)
  const longest = Math.max(0, ...whole.rows.map(({ name }) => name.length)) * LETTER + 14
  const left = width < NARROW ? Math.min(110, width * 0.3) : Math.min(Math.max(110, longest), width * 0.26)
  const right = width < NARROW ? 42 : 74
  const map = thinned(whole, Math.floor((width - left - right) / STEP_MIN))
  const [active, setActive] = useState<Cell>({ row: 0, column: map.ends.length - 1 })
  const [pointed, point] = useState<Cell | null>(null)
  const [isFocused, setFocused] = useState(false)
  const columns = map.ends.length
  if (map.rows.length === 0 || columns === 0)
    return html`<div ref=${place} class="chart-empty">No feature has been judged in this time.</div>`
  const step = Math.max(1, (width - left - right) / columns)
  const height = map.rows.length * ROW + AXIS
  const drawn: Drawn = {
    map,
    left,
    step,
    right: left + step * columns,
    height,
    zone,
    nameLetters: Math.floor(left / LETTER) - 1,
  }
  const cell = within(map, active)
  const shown = pointed ?? (isFocused ? cell : null)
  const told = shown ?? { row: 0, column: columns - 1 }
  const at = (event: PointerEvent): Cell => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect()
    const x = event.clientX - box.left - left
    return within(map, {
      row: Math.floor((event.clientY - box.top) / ROW),
      // At its name a feature tells of the newest window.
      column: x < 0 ? columns - 1 : Math.floor(x / step),
    })
  }
  const open = (one: Cell) => {
    const href = map.rows[one.row]?.href
    if (href !== undefined) onOpen?.(href)
  }
  const drawing = html`
    ${map.rows.map((row, i) => html`<${Row} drawn=${drawn} row=${row} top=${i * ROW} isActive=${shown?.row === i} />`)}
    ${timeAxis(drawn)}
  `
  return html`<div class="chart-place" ref=${place}>
    <p class="chart-readout" aria-hidden=${isStatic ? undefined : 'true'}>${cellText(map, told, zone)}</p>
    <svg class="chart heat-map" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
      <g role="img" aria-label="Status of each feature by window"><desc>${heatMapText(map)}</desc>${drawing}</g>
      ${
        !isStatic &&
        html`<g class="chart-hand">
          <rect
            class="chart-touch"
            aria-hidden="true"
            x="0"
            y="0"
            width=${short(left + step * columns)}
            height=${map.rows.length * ROW}
            onPointerMove=${(event: PointerEvent) => point(at(event))}
            onPointerLeave=${() => point(null)}
            onClick=${(event: PointerEvent) => open(at(event))}
          />
          <${ActiveCell} drawn=${drawn} cell=${cell} move=${setActive} open=${open} isFocused=${isFocused} setFocused=${setFocused} />
          ${shown !== null && html`<rect class="chart-cell-frame" aria-hidden="true" x=${short(left + shown.column * step - 1)} y=${shown.row * ROW} width=${short(step + 2)} height=${ROW} />`}
        </g>`
      }
    </svg>
    <${Legend} />
  </div>`
}

/** What shapes and sizes mean: it stands in no picture that is taken along, where the words of the cells are not either. */
function Legend(): VNode {
  return html`<p class="chart-legend" aria-hidden="true">
    ${(['alarm', 'warning', 'ok', 'insufficient'] as const).map((status) => html`<span><svg viewBox="0 0 12 12"><path class=${`mark-${status}`} d=${shapeOf(status, 6, 6, status === 'insufficient' ? 9 : 5)} /></svg>${statusWords[status]}</span>`)}
    <span>larger: further from the reference</span>
  </p>`
}

interface Drawn {
  readonly map: HeatMapData
  readonly left: number
  readonly right: number
  readonly step: number
  readonly height: number
  readonly zone: Zone
  readonly nameLetters: number
}

/** At most so many columns: each then stands for several windows, and shows the worst of them, so that no alarm is lost. */
export function thinned(map: HeatMapData, most: number): HeatMapData {
  const every = Math.ceil(map.ends.length / Math.max(1, most))
  if (every <= 1) return map
  // The newest column is whole; the oldest may stand for fewer.
  const first = ((map.ends.length - 1) % every) - every + 1
  const starts = Array.from({ length: Math.ceil(map.ends.length / every) }, (_, i) => first + i * every)
  return {
    windowsPerColumn: map.windowsPerColumn * every,
    ends: starts.map((start) => map.ends[start + every - 1] as string),
    rows: map.rows.map((row) => {
      const worst = starts.map((start) => worstOf(row, Math.max(0, start), start + every))
      return {
        ...row,
        statuses: worst.map((column) => row.statuses[column] ?? ' ').join(''),
        values: worst.map((column) => row.values[column] ?? null),
      }
    }),
  }
}

const gravity = ' iowa'

/** The column with the gravest status, and of those the largest value. */
function worstOf({ statuses, values }: HeatMapRow, from: number, to: number): number {
  let worst = from
  for (let column = from + 1; column < to; column++) {
    const [was, is] = [worst, column].map((one) => gravity.indexOf(statuses[one] ?? ' ')) as [number, number]
    if (is > was || (is === was && Math.abs(values[column] ?? 0) > Math.abs(values[worst] ?? 0))) worst = column
  }
  return worst
}

function within({ rows, ends }: HeatMapData, { row, column }: Cell): Cell {
  const inside = (value: number, size: number) => Math.min(size - 1, Math.max(0, value))
  return { row: inside(row, rows.length), column: inside(column, ends.length) }
}

const statusAt = (row: HeatMapRow, column: number): StatusName | undefined => letters[row.statuses[column] ?? ' ']

/** Shapes of one status are one path: fifty features by a hundred windows stay light. */
function Row({ drawn, row, top, isActive }: { drawn: Drawn; row: HeatMapRow; top: number; isActive: boolean }): VNode {
  const { left, right, step, nameLetters } = drawn
  const middle = top + ROW / 2
  const largest = Math.min(8.5, Math.max(1.5, step * 0.5))
  const paths = new Map<StatusName, string>()
  for (let column = 0; column < row.values.length; column++) {
    const status = statusAt(row, column)
    if (status === undefined) continue
    const radius = radiusOf(status, row.values[column] ?? null, row.threshold, largest)
    const shape = shapeOf(status, left + (column + 0.5) * step, middle, radius)
    paths.set(status, (paths.get(status) ?? '') + shape)
  }
  const newest = row.values.findLast((value) => value !== null) ?? null
  return html`<g>
    <text class=${`chart-row-name${isActive ? ' is-active' : ''}`} x="0" y=${middle + 4}>${cut(row.name, nameLetters)}</text>
    <path class="chart-row-line" d=${`M${left} ${middle}H${short(right)}`} />
    ${[...paths].map(([status, d]) => html`<path class=${`mark-${status}`} d=${d} />`)}
    ${newest !== null && html`<text class="chart-row-value" x=${short(right + 6)} y=${middle + 4}>${valueText(row, newest)}</text>`}
  </g>`
}

/** From a dot at no effect to the whole cell at twice the threshold; an alarm is never a dot. */
function radiusOf(status: StatusName, value: number | null, threshold: number | null, largest: number): number {
  const least = status === 'alarm' || status === 'warning' ? 0.6 : 0.22
  if (status === 'insufficient') return largest * 0.6
  const ratio = value === null || !threshold ? 0 : Math.min(1, Math.abs(value) / Math.abs(threshold) / 2)
  return largest * Math.max(least, Math.sqrt(ratio))
}

function cut(name: string, letterCount: number): string {
  const signs = [...name]
  return signs.length > letterCount ? `${signs.slice(0, Math.max(1, letterCount - 1)).join('')}…` : name
}

function timeAxis({ map, left, right, step, height, zone }: Drawn): VNode[] {
  const times = map.ends.map((end) => Date.parse(end))
  const [first, last] = [times[0] as Instant, times.at(-1) as Instant]
  if (first === last) return []
  // Columns stand at equal distances; a time stands at the column that ends then.
  const most = Math.max(2, Math.floor((right - left) / 110))
  return roundTimesIn([first, last], most, zone).map(({ at, label }) => {
    const column = times.findIndex((time) => time >= at)
    const x = short(left + (column + 0.5) * step)
    return html`<path class="chart-axis" d=${`M${x} ${height - AXIS}v4`} /><text class="chart-tick" x=${x} y=${height - 8} text-anchor=${x < left + 24 ? 'start' : x > right - 24 ? 'end' : 'middle'}>${label}</text>`
  })
}

/** The one cell that has the keyboard; it is another element wherever it goes, so that it is read out. */
function ActiveCell({
  drawn,
  cell,
  move,
  open,
  isFocused,
  setFocused,
}: {
  drawn: Drawn
  cell: Cell
  move: (cell: Cell) => void
  open: (cell: Cell) => void
  isFocused: boolean
  setFocused: (isFocused: boolean) => void
}): VNode {
  const { map, left, step, zone } = drawn
  const element = useRef<SVGRectElement>(null)
  const hasMoved = useRef(false)
  useLayoutEffect(() => {
    if (hasMoved.current) element.current?.focus()
    hasMoved.current = false
  }, [cell.row, cell.column])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') return open(cell)
    const rowTo = { ArrowUp: cell.row - 1, ArrowDown: cell.row + 1 }[event.key]
    const columnTo = stepOf(event.key, cell.column, map.ends.length)
    if (rowTo === undefined && columnTo === undefined) return
    event.preventDefault()
    const next = within(map, { row: rowTo ?? cell.row, column: columnTo ?? cell.column })
    hasMoved.current = next.row !== cell.row || next.column !== cell.column
    move(next)
  }
  return html`<g role="grid" aria-label="Features by windows; arrow keys move, Enter opens a feature" aria-rowcount=${map.rows.length} aria-colcount=${map.ends.length}>
    <g role="row" aria-rowindex=${cell.row + 1}>
      <rect
        key=${`${cell.row}/${cell.column}`}
        ref=${element}
        class="chart-touch chart-cell"
        role="gridcell"
        tabindex="0"
        aria-colindex=${cell.column + 1}
        aria-label=${cellText(map, cell, zone)}
        x=${short(left + cell.column * step)}
        y=${cell.row * ROW}
        width=${short(step)}
        height=${ROW}
        pointer-events="none"
        onFocus=${() => setFocused(true)}
        onBlur=${() => isFocused && !hasMoved.current && setFocused(false)}
        onKeyDown=${onKeyDown}
      />
    </g>
  </g>`
}

function valueText({ form }: HeatMapRow, value: number): string {
  return form === 'share' ? percent(value) : plainNumber(value)
}

/** `income · 26 Nov 14:05 (13:05 UTC) · PSI 0.31 · alarm` */
export function cellText(map: HeatMapData, { row, column }: Cell, zone: Zone): string {
  const one = map.rows[row]
  const end = map.ends[column]
  if (one === undefined || end === undefined) return ''
  const status = statusAt(one, column)
  const value = one.values[column] ?? null
  return [
    one.name,
    exactTimeText(Date.parse(end), zone),
    ...(value === null ? [] : [`${one.metric} ${valueText(one, value)}`]),
    status === undefined ? 'no window' : statusWords[status],
    ...(map.windowsPerColumn > 1 ? [`worst of ${map.windowsPerColumn} windows`] : []),
  ].join(' · ')
}

export function heatMapText(map: HeatMapData): string {
  const alarming = map.rows.filter(({ statuses }) => statuses.includes('a'))
  const now = map.rows.filter(({ statuses }) => statuses.endsWith('a'))
  const names = now.slice(0, 5).map(({ name }) => name)
  const what =
    alarming.length === 0
      ? 'none has alarmed'
      : `${alarming.length} of ${map.rows.length} have alarmed, ${now.length === 0 ? 'none of them in the newest window' : `in the newest window: ${names.join(', ')}${now.length > names.length ? ` and ${now.length - names.length} more` : ''}`}`
  const each = map.windowsPerColumn === 1 ? 'windows' : `columns of ${map.windowsPerColumn} windows`
  return `${map.rows.length} tests, ${map.ends.length} ${each}: ${what}.`
}

export function heatMapTable(map: HeatMapData): Table {
  return {
    columns: ['feature', 'measure', 'threshold', ...map.ends.map((end) => tableTime(Date.parse(end)))],
    rows: map.rows.map((row) => [
      row.name,
      row.metric,
      exact(row.threshold),
      ...row.values.map((_, column) => told(row, column)),
    ]),
  }
}

/** `0.31 alarm`; what is well is a number alone. */
function told(row: HeatMapRow, column: number): string {
  const status = statusAt(row, column)
  if (status === undefined) return ''
  const value = row.values[column] ?? null
  if (value === null) return statusWords[status]
  return status === 'ok' ? valueText(row, value) : `${valueText(row, value)} ${statusWords[status]}`
}
