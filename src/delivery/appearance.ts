// How it stands with what a message is about, in sign, word and colour: never by one of them alone, and the same on every channel.

import type { Message } from './notification.ts'

export interface Appearance {
  readonly sign: string
  readonly word: string
  /** For a bar or a box; colours that stay apart for the colour-blind. */
  readonly colour: string
  /** The same for text on white, at least 4.5 : 1. */
  readonly textColour: string
}

/** Colours of status, the same in messages, charts and dashboards. */
export const colours = {
  alarm: { colour: '#D55E00', textColour: '#A84300' },
  warning: { colour: '#E69F00', textColour: '#7A5500' },
  ok: { colour: '#009E73', textColour: '#00704F' },
  neutral: { colour: '#0072B2', textColour: '#005F96' },
  muted: { colour: '#8A96A3', textColour: '#55616D' },
} as const

export function appearanceOf({
  change,
  severity,
  kind,
  handling,
}: Pick<Message, 'change' | 'severity' | 'kind' | 'handling'>): Appearance {
  if (change === 'resolved') return { sign: '✓', word: 'resolved', ...colours.ok }
  if (change === 'withdrawn') return { sign: '–', word: 'withdrawn', ...colours.muted }
  if (kind === 'retraining') return { sign: '●', word: 'retraining', ...colours.neutral }
  const sign = severity === 'warning' ? '◆' : '▲'
  if (handling?.snoozedUntil != null) return { sign, word: 'snoozed', ...colours.muted }
  if (handling?.acknowledgedBy != null) return { sign, word: 'acknowledged', ...colours.neutral }
  return { sign, word: 'firing', ...(severity === 'warning' ? colours.warning : colours.alarm) }
}
