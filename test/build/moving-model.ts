// A small model whose features move half-way, and whose names would be markup if anybody took them for it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from './random.ts'

const FEATURE = '<img src=x onerror="steal()">'
/** Ends a cell, calls people, leads somewhere, and turns what follows it round. */
const CALLS = 'a|b @channel http://evil.example/\u202e'
const CATEGORY = '</style><script>steal()</script>'
const REGION = '<b>north</b>|@here'
const HOUR = 3_600_000
/** When its production begins. */
export const START = Date.UTC(2026, 0, 5)

/** Twenty rows an hour; in the second half of production a number and a category are others. */
function rows(hours: number, from: number, { seed, moves }: { seed: number; moves: boolean }): string {
  const random = seeded(seed)
  const lines = Array.from({ length: hours * 20 }, (_, i) => {
    const hasMoved = moves && i > hours * 10
    const score = random()
    return JSON.stringify({
      id: `${seed}-${i}`,
      time: new Date(from + i * (HOUR / 20)).toISOString(),
      ...{
        [FEATURE]: random() + (hasMoved ? 1 : 0),
        [CALLS]: hasMoved || random() < 0.11 ? CATEGORY : 'cook',
        steady: random(),
      },
      score,
      decision: score > 0.5 ? 'bad' : 'good',
      label: random() < score ? 'bad' : 'good',
      region: i % 3 === 0 ? REGION : 'south',
    })
  })
  return `${lines.join('\n')}\n`
}

/** Writes its rows and its configuration into a folder. @returns the path of the configuration */
export function writeMovingModel(folder: string): string {
  const at = (name: string) => join(folder, name)
  const config = at('leeway.yaml')
  writeFileSync(at('reference.jsonl'), rows(150, START - 150 * HOUR, { seed: 1, moves: false }))
  writeFileSync(at('production.jsonl'), rows(60, START, { seed: 2, moves: true }))
  writeFileSync(
    config,
    `apiVersion: leeway/v1
sources:
  history: {type: file, path: production.jsonl, events: {id: id, time: time, score: score, prediction: decision, label: label, segments: [region]}}
models:
  churn: {source: history, task: binary, positiveClass: bad, reference: {file: reference.jsonl}, windows: [{size: 6h, slide: 1h}, {size: 1h, slide: 30m}], segments: [region]}
`,
  )
  return config
}
