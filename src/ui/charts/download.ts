// A chart as a file of its own.

import type { Table } from './table.ts'

/** What a drawing takes from the style sheet, and a file must bring along. */
const DRAWN = [
  ...['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap'],
  ...[
    'opacity',
    'font-size',
    'font-weight',
    'font-family',
    'text-anchor',
    'dominant-baseline',
    'visibility',
    'display',
  ],
]

/** The drawing with its colours in it, as they are seen now. */
export function standaloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const { width, height } = svg.getBoundingClientRect()
  const [originals, copies] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')]
  for (const [i, original] of [...originals].entries()) {
    const style = getComputedStyle(original)
    for (const name of DRAWN) copies[i]?.setAttribute(name, style.getPropertyValue(name))
  }
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', getComputedStyle(document.body).backgroundColor],
  ] as const)
    paper.setAttribute(name, value)
  copy.prepend(paper)
  copy.setAttribute('width', String(Math.round(width)))
  copy.setAttribute('height', String(Math.round(height)))
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return new XMLSerializer().serializeToString(copy)
}

/** RFC 4180. A cell that a spreadsheet would take for a formula is kept a text. */
export function csvText({ columns, rows }: Table): string {
  const cell = (text: string) => {
    const plain = /^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
  }
  return `${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Gives a file to whoever looks at the page. */
export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replace(/[^\w.-]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
