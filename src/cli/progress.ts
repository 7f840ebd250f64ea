// How far long work has come: a bar on a terminal, a line every few seconds otherwise. On stderr, so that stdout stays for results.

import { Presets, SingleBar } from 'cli-progress'
import type { OnProgress } from '../sources/codecs/row-reader.ts'

const LINE_EVERY_MS = 3_000

export interface Progress {
  readonly onProgress: OnProgress
  stop(): void
}

export function showProgress(what: string): Progress {
  return process.stderr.isTTY ? bar(what) : lines(what)
}

function bar(what: string): Progress {
  const shown = new SingleBar(
    { format: `${what} {bar} {percentage} %`, stream: process.stderr, clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  )
  let started = false
  return {
    onProgress(done, total) {
      if (!started) shown.start(total, 0)
      started = true
      shown.update(done)
    },
    stop: () => shown.stop(),
  }
}

function lines(what: string): Progress {
  let toldAt = performance.now()
  return {
    onProgress(done, total) {
      const now = performance.now()
      if (now - toldAt < LINE_EVERY_MS) return
      toldAt = now
      process.stderr.write(`${what}: ${Math.floor((100 * done) / total)} %\n`)
    },
    stop() {},
  }
}
