// How a feature is distributed now, beside its reference: a bar for each range or category, lying, so that its name has room.

import { count, percent } from '../wording.ts'
import type { Chart, Distribution, DistributionBar } from './chart.ts'
import { dayOf, hourOf, scale } from './scale.ts'
import { CHART_WIDTH, colours, drawing, line, rectangle, text } from './svg.ts'

const TOP = 86
const ROW = 24
const bars = { left: 150, right: 360 } as const

export function distributionChart(distribution: Distribution): Chart {
  const { feature, window, end, rows, model, version } = distribution
  const height = TOP + distribution.bars.length * ROW + 10
  const most = Math.max(...distribution.bars.flatMap(({ reference, current }) => [reference, current]), 1e-9)
  const x = scale([0, most], [bars.left, bars.right])
  const moved = mostMoved(distribution.bars)
  const name = version === '' ? model : `${model} ${version}`
  return {
    name: 'distribution',
    title: `${feature}: now and reference`,
    alternative: alternativeOf(distribution, moved),
    table: tableOf(distribution),
    width: CHART_WIDTH,
    height,
    svg: drawing({ width: CHART_WIDTH, height }, [
      text({ x: 12, y: 26 }, `${feature}: share of rows`, { size: 16, bold: true, widthMax: CHART_WIDTH - 24 }),
      text({ x: 12, y: 46 }, `${name} · window of ${window} to ${dayOf(end)} ${hourOf(end)} UTC`, {
        size: 12,
        colour: colours.muted,
      }),
      rectangle({ x: 12, y: 58, width: 14, height: 10 }, { fill: colours.current }),
      text({ x: 32, y: 68 }, `now, ${count(rows.current)} rows`, { size: 13 }),
      rectangle({ x: 192, y: 58, width: 14, height: 10 }, { stroke: colours.reference }),
      text({ x: 212, y: 68 }, `reference, ${count(rows.reference)} rows`, { size: 13, colour: colours.reference }),
      ...distribution.bars.flatMap((bar, i) => barAt(bar, TOP + i * ROW, x, bar === moved)),
      line([bars.left, TOP - 4], [bars.left, height - 8], { colour: colours.muted }),
    ]),
  }
}

function barAt(
  { label, reference, current }: DistributionBar,
  y: number,
  x: (share: number) => number,
  isMost: boolean,
) {
  const middle = y + ROW / 2 + 2
  return [
    text({ x: bars.left - 8, y: middle }, label, { size: 12, anchor: 'end', bold: isMost, widthMax: bars.left - 14 }),
    rectangle({ x: bars.left, y: y + 4, width: x(current) - bars.left, height: ROW - 10 }, { fill: colours.current }),
    rectangle(
      { x: bars.left, y: y + 1, width: x(reference) - bars.left, height: ROW - 4 },
      { stroke: colours.reference },
    ),
    text({ x: 416, y: middle }, percent(current), { size: 12, bold: isMost, anchor: 'end' }),
    text({ x: CHART_WIDTH - 10, y: middle }, percent(reference), {
      size: 12,
      colour: colours.reference,
      anchor: 'end',
    }),
  ]
}

/** Which bar has the largest part in the distance: by its part of the PSI. */
function mostMoved(all: readonly DistributionBar[]): DistributionBar | undefined {
  const part = ({ reference, current }: DistributionBar) => {
    const [before, now] = [Math.max(reference, 1e-4), Math.max(current, 1e-4)]
    return (now - before) * Math.log(now / before)
  }
  return all.reduce<DistributionBar | undefined>(
    (best, bar) => (best === undefined || part(bar) > part(best) ? bar : best),
    undefined,
  )
}

function alternativeOf({ feature, bars, window }: Distribution, moved: DistributionBar | undefined): string {
  const most =
    moved === undefined
      ? ''
      : ` Most has moved at ${moved.label}: ${percent(moved.current)} now, ${percent(moved.reference)} in the reference.`
  return `Shares of ${feature} in ${bars.length} parts, in the window of ${window} beside the reference.${most}`
}

function tableOf({ feature, bars }: Distribution): Chart['table'] {
  return {
    columns: [feature, 'now', 'reference'],
    rows: bars.map(({ label, reference, current }) => [label, percent(current), percent(reference)]),
  }
}
