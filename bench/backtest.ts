// How long a backtest of stored windows holds the event loop, at its first question and at those that follow.
//
//   node bench/backtest.ts [WINDOWS] [FEATURES]      default 10,000 windows of 50 features

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BacktestDesk } from '../src/assembly/backtest-desk.ts'
import type { WatchSettings } from '../src/monitors/subject.ts'
import { openStore } from '../src/store/store.ts'
import { HOUR, MINUTE } from '../src/time.ts'
import { LongestTurn } from '../test/build/longest-turn.ts'
import { driftVerdict, windowResult } from '../test/build/metrics.ts'
import { changes } from '../test/store/changes.ts'

const windows = Number(process.argv[2] ?? 10_000)
const features = Number(process.argv[3] ?? 50)
const spec = { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE }
const folder = mkdtempSync(join(tmpdir(), 'leeway-backtest-'))
const store = openStore(folder)
try {
  store.commit(changes({ streams: [{ index: 0, model: 'credit-risk', version: '7' }] }))
  const AT_ONCE = 100
  for (let first = 0; first < windows; first += AT_ONCE) {
    const results = Array.from({ length: Math.min(AT_ONCE, windows - first) }, (_, i) => {
      const end = HOUR + (first + i) * spec.slideMs
      // A day in ten something drifts, so that incidents come and go.
      const moves = Math.floor(end / (24 * HOUR)) % 10 === 0
      const verdicts = Array.from({ length: features }, (_, f) =>
        moves && f < 3
          ? driftVerdict(`feature_${f}`, 'alarm', 0.3)
          : driftVerdict(`feature_${f}`, 'ok', 0.01 + f / 1e4),
      )
      return windowResult({ start: end - HOUR, end, verdicts })
    })
    store.commit(changes({ results }))
  }
  const settings = { windows: [spec], alarms: {} } as unknown as WatchSettings
  const desk = new BacktestDesk({ views: store.views, settingsOf: () => settings, windowsMax: 20_000 })
  const questions = [
    ['the first question', {}],
    ['the same again', {}],
    ['another rule', { monitor: 'drift/feature_0' }],
    ['another threshold', { monitor: 'drift/feature_0', threshold: 0.2 }],
  ] as const
  for (const [what, question] of questions) {
    const turns = new LongestTurn()
    const startedAt = performance.now()
    turns.start()
    await desk.view({ model: 'credit-risk', ...question })
    const longest = turns.stop()
    console.log(
      `${what.padEnd(20)} longest turn ${longest.toFixed(1).padStart(8)} ms of processor time   ${(performance.now() - startedAt).toFixed(0)} ms`,
    )
  }
} finally {
  store.close()
  rmSync(folder, { recursive: true })
}
