// How long a scrape of 20,000 series holds the event loop: reading the newest windows from the state, and writing the page.
//
//   npm run bench:scrape

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newestOf } from '../src/assembly/metrics-source.ts'
import { openStore } from '../src/store/store.ts'
import { LongestTurn } from '../test/build/longest-turn.ts'
import { driftVerdict, filledMetrics, windowResult } from '../test/build/metrics.ts'
import { changes } from '../test/store/changes.ts'

const ROUNDS = 15
const folder = mkdtempSync(join(tmpdir(), 'leeway-scrape-'))
const store = openStore(folder)
const versions = Array.from({ length: 50 }, (_, i) => String(i))
const verdicts = Array.from({ length: 60 }, (_, i) => driftVerdict(`feature_${i}`, i % 10 === 0 ? 'alarm' : 'ok'))
store.commit(
  changes({
    streams: versions.map((version, index) => ({ index, model: 'credit-risk', version })),
    results: versions.flatMap((version) => ['1h', '24h'].map((window) => windowResult({ version, window, verdicts }))),
  }),
)
const metrics = filledMetrics({ newest: () => newestOf(store.views) }, 20_000)
const turns = new LongestTurn()
const times: number[] = []
let series = 0
for (let round = 0; round < ROUNDS; round++) {
  turns.start()
  const page = await metrics.page()
  times.push(turns.stop())
  series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}
times.sort((a, b) => a - b)
const ms = (time: number | undefined) => `${(time as number).toFixed(1)} ms`
console.log(
  `${series} series: ${ms(times[ROUNDS >> 1])} (middle), ${ms(times[ROUNDS - 1])} (longest) of processor time in the longest turn of the event loop`,
)
store.close()
rmSync(folder, { recursive: true })
