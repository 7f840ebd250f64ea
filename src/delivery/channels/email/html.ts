// The HTML of an email: tables and inline styles, for mail readers know no others. Everything is escaped here.

import type { Appearance } from '../../appearance.ts'
import type { Illustration } from '../../charts/illustrate.ts'
import { htmlText } from '../../text-safety.ts'

export interface Page {
  readonly title: string
  /** Over the title: what it is, and how it stands. */
  readonly badge: string
  readonly appearance: Appearance
  readonly paragraphs: readonly string[]
  readonly list: ReadonlyArray<{ readonly name: string; readonly detail: string }>
  /** Names and values, one below the other. */
  readonly facts: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly charts: readonly Illustration[]
  readonly link: { readonly address: string; readonly says: string } | null
  readonly footer: string
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const INK = '#1b2733'
const MUTED = '#5b6875'
const LINE = '#e3e8ed'
const WIDTH = 600
/** Room for a chart inside the margins. */
const CHART_WIDTH = 548
const PARAGRAPH_MAX = 2_000

export function htmlPage(page: Page): string {
  const { title, badge, appearance, paragraphs, list, facts, charts, link, footer } = page
  const body = [
    `<p style="margin:0 0 6px;font-size:13px;line-height:18px;font-weight:600;color:${appearance.textColour}">${htmlText(badge)}</p>`,
    `<h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600;color:${INK}">${htmlText(title)}</h1>`,
    ...paragraphs.map(paragraphHtml),
    listHtml(list),
    factsHtml(facts),
    link === null ? '' : buttonHtml(link),
    ...charts.map(chartHtml),
  ].join('')
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta name="color-scheme" content="light"><title>${htmlText(title)}</title></head>`,
    `<body style="margin:0;padding:0;background:#f2f4f7;color:${INK};${FONT}">`,
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7"><tr><td align="center" style="padding:16px 8px">',
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:${WIDTH}px;background:#ffffff;border:1px solid ${LINE};border-top:4px solid ${appearance.colour};border-radius:6px">`,
    `<tr><td style="padding:20px 24px 24px;font-size:14px;line-height:21px;text-align:left;${FONT}">${body}</td></tr>`,
    `<tr><td style="padding:12px 24px;border-top:1px solid ${LINE};font-size:12px;line-height:18px;color:${MUTED};${FONT}">${htmlText(footer)}</td></tr>`,
    '</table></td></tr></table></body></html>',
  ].join('')
}

function paragraphHtml(words: string): string {
  return `<p style="margin:0 0 12px">${htmlText(words, PARAGRAPH_MAX)}</p>`
}

function listHtml(list: Page['list']): string {
  if (list.length === 0) return ''
  const rows = list.map(
    ({ name, detail }) =>
      `<tr><td style="padding:5px 16px 5px 0;border-top:1px solid ${LINE};vertical-align:top"><b>${htmlText(name)}</b></td><td style="padding:5px 0;border-top:1px solid ${LINE};vertical-align:top">${htmlText(detail, PARAGRAPH_MAX)}</td></tr>`,
  )
  return tableHtml(rows.join(''))
}

function factsHtml(facts: Page['facts']): string {
  if (facts.length === 0) return ''
  const rows = facts.map(
    ({ name, value }) =>
      `<tr><td style="padding:3px 16px 3px 0;color:${MUTED};vertical-align:top">${htmlText(name)}</td><td style="padding:3px 0;vertical-align:top">${htmlText(value)}</td></tr>`,
  )
  return tableHtml(rows.join(''))
}

function buttonHtml({ address, says }: NonNullable<Page['link']>): string {
  return `<p style="margin:20px 0 8px"><a href="${htmlText(address, 2_000)}" style="display:inline-block;padding:9px 18px;background:#0072b2;color:#ffffff;font-weight:600;text-decoration:none;border-radius:4px">${htmlText(says)}</a></p>`
}

/** A picture with its numbers under it: many mail readers show no pictures until they are asked to. */
function chartHtml({ name, alternative, table, width, height }: Illustration): string {
  const cell = (tag: 'th' | 'td', style: string) => (text: string, i: number) =>
    `<${tag} style="padding:3px ${i === table.columns.length - 1 ? 0 : 16}px 3px 0;border-top:1px solid ${LINE};text-align:left;${style}">${htmlText(text)}</${tag}>`
  const head = table.columns.map(cell('th', `font-weight:400;color:${MUTED};border-top:0`)).join('')
  const rows = table.rows.map((row) => `<tr>${row.map(cell('td', '')).join('')}</tr>`).join('')
  return [
    `<p style="margin:24px 0 4px"><img src="cid:${name}@leeway" alt="${htmlText(alternative, 500)}" width="${CHART_WIDTH}" height="${Math.round((height * CHART_WIDTH) / width)}" style="display:block;width:100%;max-width:${CHART_WIDTH}px;height:auto;border:0"></p>`,
    `<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 12px;font-size:13px;line-height:19px;font-variant-numeric:tabular-nums"><tr>${head}</tr>${rows}</table>`,
  ].join('')
}

function tableHtml(rows: string): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:4px 0 12px;font-size:14px;line-height:20px">${rows}</table>`
}
