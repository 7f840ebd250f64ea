// A chart with what belongs to it: its title, what it says in words, the table behind it, and the ways to take it along.

import { useRef, useState } from 'preact/hooks'
import type { Content } from '../html.ts'
import { html } from '../html.ts'
import { useSurroundingsIfAny } from '../surroundings.ts'
import { csvText, save, standaloneSvg } from './download.ts'
import type { Table } from './table.ts'

export interface FigureOptions {
  readonly title: string
  /** What it shows in a sentence, for those who do not see it. */
  readonly summary?: string
  /** Made when it is asked for, where it is a function: some are large. */
  readonly table: Table | (() => Table)
  /** Name of what is downloaded, without its ending. */
  readonly file: string
  /** The drawing: one `svg`. */
  readonly children?: Content
}

export function Figure({ title, summary, table, file, children }: FigureOptions) {
  const figure = useRef<HTMLElement>(null)
  const [isOpen, setOpen] = useState(false)
  const numbers = () => (typeof table === 'function' ? table() : table)
  const hasBrowser = useSurroundingsIfAny() !== null
  const saveSvg = () => {
    const svg = figure.current?.querySelector('svg')
    if (svg) save(`${file}.svg`, 'image/svg+xml', standaloneSvg(svg))
  }
  const saveCsv = () => save(`${file}.csv`, 'text/csv', csvText(numbers()))
  return html`<figure class="figure" ref=${figure}>
    <figcaption><span class="figure-title">${title}</span>${summary !== undefined && html` <span class="figure-summary">${summary}</span>`}</figcaption>
    <div class="drawing">${children}</div>
    <details class="behind" onToggle=${(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary>Table</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${`Table of ${title}`}>${(isOpen || !hasBrowser) && html`<${Numbers} caption=${title} table=${numbers()} />`}</div>
      ${
        hasBrowser &&
        html`<p class="buttons">
          <button type="button" class="small" onClick=${saveSvg}>Download SVG</button>
          <button type="button" class="small" onClick=${saveCsv}>Download CSV</button>
        </p>`
      }
    </details>
  </figure>`
}

export function Numbers({ caption, table }: { readonly caption: string; readonly table: Table }) {
  return html`<table class="numbers">
    <caption class="unseen">${caption}</caption>
    <thead><tr>${table.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${table.rows.map((row) => html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`)}</tbody>
  </table>`
}
