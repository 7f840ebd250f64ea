// The golden calls that are sketches of streams given by a formula.

import { DistinctCount } from '../../src/statistics/sketches/distinct-count.ts'
import { RankSketch } from '../../src/statistics/sketches/rank-sketch.ts'
import { TopItems } from '../../src/statistics/sketches/top-items.ts'
import type { Arguments, Call } from './call.ts'

/** Item i of the stream is (a i² + b i + c) mod p. */
function* streamOf(args: Arguments): Generator<{ i: number; x: number }> {
  const [n, a, b, c, p] = ['n', 'a', 'b', 'c', 'p'].map((name) => args.number(name)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  for (let i = 0; i < n; i++) yield { i, x: (((((a * i) % p) * i) % p) + b * i + c) % p }
}

/** A stream with a few frequent names, some less frequent, and many rare. */
function nameOf(i: number, x: number): number {
  if (i % 3 === 0) return x % 5
  return i % 7 === 0 ? 100 + (x % 11) : x
}

/** How many frequent texts the cases list. */
const TOP = 5
const TOP_CAPACITY = 1024

export const sketchesCalls: Readonly<Record<string, Call>> = {
  distinctCount: {
    run: (args) => {
      const count = new DistinctCount()
      for (const { x } of streamOf(args)) count.add(args.text('prefix') + x)
      return count.estimate()
    },
  },
  topItems: {
    run: (args) => {
      const items = new TopItems(TOP_CAPACITY)
      for (const { i, x } of streamOf(args)) items.add(args.text('prefix') + nameOf(i, x))
      // The cases order equal counts by the number behind the prefix.
      const numberIn = (text: string) => Number(text.slice(args.text('prefix').length))
      const all = items.top(TOP_CAPACITY).sort((a, b) => b.count - a.count || numberIn(a.text) - numberIn(b.text))
      return all.slice(0, TOP).map(({ text, count }) => [text, count])
    },
  },
  rankError: { run: ranksOf, assess: beyondRankError },
}

/** For each quantile, the shares of values below the sketch's answer and up to it. */
function ranksOf(args: Arguments) {
  const sketch = new RankSketch()
  const values: number[] = []
  for (const { x } of streamOf(args)) {
    const value = x / args.number('p')
    sketch.add(value)
    values.push(value)
  }
  return Array.from(args.numbers('quantiles'), (share) => {
    const answer = sketch.quantile(share)
    const below = values.filter((value) => value < answer).length / values.length
    const upTo = values.filter((value) => value <= answer).length / values.length
    return { share, answer, below, upTo }
  })
}

/** The file gives exact quantiles; a sketch is held to the ranks of its answers. */
const RANK_ERROR = 0.01

function beyondRankError(got: unknown): string | null {
  const far = (got as ReturnType<typeof ranksOf>).filter(
    ({ share, below, upTo }) => below > share + RANK_ERROR || upTo < share - RANK_ERROR,
  )
  return far.length === 0 ? null : `rank error over ${RANK_ERROR}: ${JSON.stringify(far)}`
}
