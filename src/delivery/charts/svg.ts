// The little of SVG that charts are made of. Everything that came with an event becomes text here, and nothing else.

import { safeLine } from '../text-safety.ts'

/** Colours that stay apart for the colour-blind, with the meanings that they have everywhere in leeway. */
export const colours = {
  paper: '#ffffff',
  ink: '#1b2733',
  muted: '#5b6875',
  faint: '#e3e8ed',
  /** What is measured now. */
  current: '#33475b',
  reference: '#0072b2',
  alarm: '#d55e00',
  /** The same, dark enough to be read as text. */
  alarmText: '#a84300',
  ok: '#007a58',
} as const

/** Width of all charts: 3/4 of it on a telephone, so that text of 13 is read as 10. */
export const CHART_WIDTH = 480

export interface TextOptions {
  readonly size?: number
  readonly colour?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly bold?: boolean
  /** Longer text is cut off. */
  readonly widthMax?: number
}

/** Letters of the font that goes with leeway; others would be drawn as boxes. */
const drawable =
  /[^ -~\u00a0-\u017f\u0370-\u045f\u2010-\u2027\u2030-\u203a\u20ac\u2122\u2190-\u2193\u2212\u2248\u2260\u2264\u2265\u25b2\u25bc\u25c6\u25cf\u2713]/gu

/** Width of a letter of the font, as a share of its size: the mean of ordinary text. */
const LETTER_WIDTH = 0.52

export function text(at: { x: number; y: number }, content: string, options: TextOptions = {}): string {
  const { size = 13, colour = colours.ink, anchor = 'start', bold = false, widthMax = CHART_WIDTH } = options
  const letters = Math.max(2, Math.floor(widthMax / (size * LETTER_WIDTH)))
  return `<text${numbers(at)} font-size="${size}" fill="${colour}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ''}>${escaped(content, letters)}</text>`
}

/** Roughly how wide a text is drawn. */
export function widthOf(content: string, size: number): number {
  return content.length * size * LETTER_WIDTH
}

export function line(
  from: readonly [number, number],
  to: readonly [number, number],
  { colour, width = 1, dashes = '' }: { colour: string; width?: number; dashes?: string },
): string {
  const [x1, y1] = from
  const [x2, y2] = to
  return `<line${numbers({ x1, y1, x2, y2 })} stroke="${colour}" stroke-width="${width}"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}/>`
}

export function rectangle(
  box: { x: number; y: number; width: number; height: number },
  { fill = 'none', opacity = 1, stroke = '' }: { fill?: string; opacity?: number; stroke?: string },
): string {
  return `<rect${numbers(box)} fill="${fill}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`}${stroke === '' ? '' : ` stroke="${stroke}" stroke-width="1.5"`}/>`
}

/** A line through points, or the area that they enclose. */
export function path(
  points: ReadonlyArray<readonly [number, number]>,
  {
    stroke = 'none',
    fill = 'none',
    opacity = 1,
    width = 2,
  }: {
    stroke?: string
    fill?: string
    opacity?: number
    width?: number
  },
): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('')
  const isArea = fill !== 'none'
  return `<path d="${d}${isArea ? 'Z' : ''}" fill="${fill}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`} stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`
}

/** A triangle that points up: the sign of an alarm. */
export function alarmSign(x: number, y: number, size: number): string {
  const corners = [
    [x, y - size],
    [x + size, y + size * 0.8],
    [x - size, y + size * 0.8],
  ] as const
  return path(corners, { fill: colours.alarm, stroke: colours.paper, width: 1 })
}

export function dot(x: number, y: number, radius: number, { fill, stroke }: { fill: string; stroke: string }): string {
  return `<circle${numbers({ cx: x, cy: y, r: radius })} fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>`
}

export function drawing({ width, height }: { width: number; height: number }, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter">`,
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.5" height="6" fill="#8a96a3"/></pattern></defs>',
    rectangle({ x: 0, y: 0, width, height }, { fill: colours.paper }),
    ...parts,
    '</svg>',
  ].join('')
}

function escaped(content: string, length: number): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return safeLine(content, length)
    .replace(drawable, '□')
    .replace(/[&<>"]/g, (sign) => entities[sign] as string)
}

function numbers(attributes: Readonly<Record<string, number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${short(value)}"`)
    .join('')
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}
