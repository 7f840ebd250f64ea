// Two references side by side: what lies apart first, then performance, then every column.

import { numberWithin, percent, plainNumber, withInterval } from '../../delivery/wording.ts'
import type { ColumnComparison, MetricComparison, MetricView } from '../../overview/reference-comparison.ts'
import type { ReferenceComparison } from '../../overview/references.ts'
import type { DistributionData } from '../charts/distribution.ts'
import { DistributionChart, distributionTable } from '../charts/distribution.ts'
import { Figure } from '../charts/figure.ts'
import { html } from '../html.ts'
import { Shown } from '../states.ts'
import { useData } from '../surroundings.ts'

/** From here on two distributions are said to lie apart: the usual mark of a small change. */
const APART = 0.1
const CHARTS = 2

export function Comparison({
  model,
  first,
  second,
}: {
  readonly model: string
  readonly first: string
  readonly second: string
}) {
  const query = new URLSearchParams({ first, second })
  const compared = useData<ReferenceComparison>(
    `models/${encodeURIComponent(model)}/references/comparison?${query}`,
    () => false,
  )
  return html`<${Shown} of=${compared} what="the comparison">${(of: ReferenceComparison) => html`
    <${Words} of=${of} />
    <div class="columns">${of.columns
      .filter(({ bars, psi }) => bars.length > 0 && (psi ?? 0) > 0)
      .slice(0, CHARTS)
      .map((column) => html`<${Bars} key=${column.name} column=${column} of=${of} />`)}</div>
    ${of.performance.length > 0 && html`<h3>Performance</h3><${Performance} of=${of.performance} />`}
    <h3>Columns, farthest apart first</h3><${Columns} of=${of.columns} />
  `}</${Shown}>`
}

function Words({ of: { columns, performance } }: { readonly of: ReferenceComparison }) {
  const apart = columns.filter(({ psi }) => psi !== null && psi >= APART)
  const named = apart.slice(0, 3).map(({ name, psi }) => `${name} (PSI ${plainNumber(psi as number)})`)
  const others = columns.filter(({ because }) => because !== null).length
  const differ = performance.filter(({ differs }) => differs === true).map(({ name }) => name)
  const parts = [
    apart.length === 0
      ? `None of ${columns.length} columns lies apart (PSI ${APART} or more).`
      : `${apart.length} of ${columns.length} columns ${apart.length === 1 ? 'lies' : 'lie'} apart (PSI ${APART} or more): ${named.join(', ')}${apart.length > 3 ? ` and ${apart.length - 3} more` : ''}.`,
    ...(others === 0 ? [] : [`${others} cannot be compared.`]),
    ...(performance.length === 0
      ? []
      : [
          differ.length === 0
            ? 'Performance does not differ by more than chance.'
            : `Performance differs by more than chance: ${differ.join(', ')}.`,
        ]),
  ]
  return html`<div class=${`verdict ${apart.length === 0 ? 'ok' : 'warning'}`}><p>${parts.join(' ')}</p></div>`
}

function Bars({ column, of }: { readonly column: ColumnComparison; readonly of: ReferenceComparison }) {
  const { name, kind, bars, psi } = column
  const rows = { reference: of.first.rows, current: of.second.rows }
  const data: DistributionData = {
    name,
    kind: kind === 'categorical' ? 'categorical' : 'numeric',
    rows,
    psi,
    parts: bars.map((bar) => ({ ...bar, psi: partOf(bar) })),
    sides: { current: 'second', reference: 'first' },
  }
  return html`<${Figure} title=${name} table=${distributionTable(data)} file=${`references-${name}`}><${DistributionChart} distribution=${data} /></${Figure}>`
}

/** A part's share of the PSI; of an empty one as if it held a ten-thousandth. */
function partOf({ reference, current }: { readonly reference: number; readonly current: number }): number {
  const [p, q] = [Math.max(reference, 1e-4), Math.max(current, 1e-4)]
  return (q - p) * Math.log(q / p)
}

function Performance({ of }: { readonly of: readonly MetricComparison[] }) {
  return html`<table class="stacks">
    <thead><tr><th scope="col">Metric</th><th scope="col" class="number">First</th><th scope="col" class="number">Second</th><th scope="col">Differs</th></tr></thead>
    <tbody>${of.map(
      ({ metric, name, first, second, differs }) => html`<tr key=${metric}>
      <th scope="row">${name}</th><td class="number" data-label="First">${valueText(first)}</td><td class="number" data-label="Second">${valueText(second)}</td>
      <td data-label="Differs">${differs === null ? html`<span class="muted">–</span>` : differs ? html`<span class="status warning"><span aria-hidden="true">◆</span> more than chance</span>` : 'no more than chance'}</td>
    </tr>`,
    )}</tbody>
  </table>`
}

function valueText({ value, low, high, reason }: MetricView) {
  return value === null ? html`<span class="muted">${reason}</span>` : withInterval(value, low, high)
}

function Columns({ of }: { readonly of: readonly ColumnComparison[] }) {
  const or = (value: number | null, text: (known: number) => string) =>
    value === null ? html`<span class="muted">–</span>` : text(value)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Columns"><table>
    <thead><tr><th scope="col">Column</th><th scope="col" class="number">PSI</th><th scope="col" class="number">Jensen-Shannon</th><th scope="col" class="number">Shift (W1/sd)</th><th scope="col" class="number">Missing</th><th scope="col" class="number">Mean</th></tr></thead>
    <tbody>${of.map(
      ({ name, psi, js, wasserstein, missing, mean, spread, because, isExact }) => html`<tr key=${name}>
      <th scope="row">${name}${because !== null && html`<div class="muted">${because}</div>`}${because === null && !isExact && html`<div class="muted">bins differ, and are merged</div>`}</th>
      <td class="number">${psi !== null && psi >= APART && html`<span class="status warning"><span aria-hidden="true">◆</span><span class="unseen">lies apart: </span></span> `}${or(psi, plainNumber)}</td>
      <td class="number">${or(js, plainNumber)}</td>
      <td class="number">${or(wasserstein, plainNumber)}</td>
      <td class="number">${or(missing[0], percent)} → ${or(missing[1], percent)}</td>
      <td class="number">${mean[0] === null && mean[1] === null ? '' : html`${or(mean[0], (value) => numberWithin(value, spread))} → ${or(mean[1], (value) => numberWithin(value, spread))}`}</td>
    </tr>`,
    )}</tbody>
  </table></div>`
}
