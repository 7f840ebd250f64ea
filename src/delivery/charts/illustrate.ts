// The charts that go with a message. What cannot be drawn is left out: a message never waits for a drawing, nor fails by one.

import type { Message, Occasion } from '../notification.ts'
import type { Chart, Course, Distribution } from './chart.ts'
import { courseChart } from './course-chart.ts'
import { distributionChart } from './distribution-chart.ts'
import { pngOf } from './png.ts'

/** Where charts get their data from, as it is when the message is sent; undefined where there is too little to be drawn. */
export interface ChartSource {
  course(message: Message): Promise<Course | undefined>
  distribution(message: Message): Promise<Distribution | undefined>
}

export interface Illustration extends Chart {
  readonly png: Uint8Array
}

/** Never rejects. Channels that are told of the same change get the same drawings. */
export type Illustrate = (message: Message) => Promise<readonly Illustration[]>

/** Messages without a chart: somebody has said something, and nothing has moved. */
const unillustrated: ReadonlySet<Occasion> = new Set(['handled', 'retraining', 'withdrawn'])

/** Drawings that are kept for other channels, some 100 KB each. */
const KEPT_MAX = 8

/** @param onFailure told why a chart could not be drawn */
export function createIllustrate(source: ChartSource, onFailure: (error: unknown) => void): Illustrate {
  const kept = new Map<string, Promise<readonly Illustration[]>>()
  return (message) => {
    if (unillustrated.has(message.change)) return Promise.resolve([])
    const key = [message.incidentId, message.change, message.at, message.title].join('\n')
    const known = kept.get(key)
    if (known !== undefined) return known
    const drawn = draw(source, message, onFailure)
    kept.set(key, drawn)
    const [oldest] = kept.keys()
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    return drawn
  }
}

async function draw(
  source: ChartSource,
  message: Message,
  onFailure: (error: unknown) => void,
): Promise<readonly Illustration[]> {
  const illustrations: Illustration[] = []
  // One after the other, so that other work has its turns between them.
  for (const chartOf of [
    async () => drawnBy(courseChart, await source.course(message)),
    async () => drawnBy(distributionChart, await source.distribution(message)),
  ]) {
    try {
      const chart = await chartOf()
      if (chart !== undefined) illustrations.push({ ...chart, png: await pngOf(chart) })
    } catch (error) {
      onFailure(error)
    }
  }
  return illustrations
}

function drawnBy<T>(draw: (data: T) => Chart, data: T | undefined): Chart | undefined {
  return data === undefined ? undefined : draw(data)
}
