// A model whose features move and whose predictions go wrong, as files: everything that can be told of a model is told of it.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from './random.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5)
const ROWS = 3_000

export interface DriftingOptions {
  /** Names of the numeric features; all of them move. */
  readonly features: readonly string[]
  /** Values of the one categorical feature that only production has. */
  readonly categories: readonly string[]
  readonly versions: readonly string[]
  readonly model: string
  /** Lines of production that stand as they are, after the others. */
  readonly more?: readonly string[]
  /** Whether numeric features are watched together; left out: they are not. */
  readonly multivariate?: boolean
  /** Columns that tell segments apart; left out: none do. */
  readonly segments?: readonly string[]
  /** Further sections of the configuration. */
  readonly sections: string
}

/** @returns the path of the configuration */
export function writeDrifting(folder: string, options: DriftingOptions): string {
  mkdirSync(folder, { recursive: true })
  const random = seeded(3)
  const rows = (from: number, count: number, isProduction: boolean) =>
    Array.from({ length: count }, (_, i) => {
      const score = random()
      const decision = score >= 0.5 ? 'bad' : 'good'
      const isRight = random() < (isProduction ? 0.5 : 0.95)
      const categories = isProduction ? options.categories : ['a', 'b']
      return JSON.stringify({
        id: `row-${from}-${i}`,
        time: new Date(START + (from + i) * MINUTE).toISOString(),
        ver: options.versions[i % options.versions.length],
        score,
        decision,
        label: isRight === (decision === 'bad') ? 'bad' : 'good',
        kind: categories[Math.floor(random() * categories.length)],
        ...Object.fromEntries(options.features.map((name) => [name, random() + (isProduction ? 3 : 0)])),
      })
    })
  writeFileSync(join(folder, 'reference.jsonl'), `${rows(0, ROWS, false).join('\n')}\n`)
  const production = [...rows(ROWS, ROWS, true), ...(options.more ?? [])]
  writeFileSync(join(folder, 'production.jsonl'), `${production.join('\n')}\n`)
  const path = join(folder, 'leeway.yaml')
  const events = '{id: id, time: time, version: ver, score: score, prediction: decision, label: label}'
  writeFileSync(
    path,
    `apiVersion: leeway/v1
sources:
  history: {type: file, path: production.jsonl, events: ${events}}
models:
  ${JSON.stringify(options.model)}:
    source: history
    task: binary
    positiveClass: bad
    reference: {file: reference.jsonl, events: ${events}}
    windows: [{size: 6h, slide: 1h}]
${options.multivariate === true ? '' : '    multivariate: false\n'}${options.segments === undefined ? '' : `    segments: [${options.segments.join(', ')}]\n`}${options.sections}`,
  )
  return path
}
