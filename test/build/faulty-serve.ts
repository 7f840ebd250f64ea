// `leeway serve` that a test can kill at a moment of its work, look into, or run with a store that is broken on purpose.
//
//   node faulty-serve.ts serve -c CONFIG --state DIR --port 0 [--crash MOMENT TIMES] [--apart positions|outbox|reference TIMES] [--unidentified] [--heap] [--leak BYTES] [--uncommitted-reloads] [--stuck] [--slow-disk MS]
//
// --crash   the process kills itself when the moment (see src/probe.ts) has come so many times
// --apart   writes positions, messages, or a reference, in a transaction of their own, and dies before what follows the so manyth time
// --unidentified   does not read the last applied record again
// --heap    answers SIGUSR2 with a line of the memory in use by each space of JavaScript's heap, garbage collected before
// --leak    from SIGWINCH on keeps so many bytes of each record
// --uncommitted-reloads   a reload takes the state that is stored, without what was applied since the last commit
// --stuck   the client of Kafka brings nothing after the first commit
// --slow-disk   each commit holds the process up for so long before it is written, as a disk does that is slow to sync
//
// Each start tells how long after the start of the process its first commit was done.

import { flushCompileCache } from 'node:module'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serve } from '../../src/cli/serve.ts'
import type { Moment } from '../../src/probe.ts'
import { moments } from '../../src/probe.ts'
import type { Position } from '../../src/store/changes.ts'
import type { NegativeControl } from '../../src/store/store.ts'

const after = (name: string, steps = 1) => process.argv[process.argv.indexOf(name) + steps] as string
const has = (name: string) => process.argv.includes(name)
const tell = (line: object) => process.stderr.write(`${JSON.stringify(line)}\n`)
const die = () => process.kill(process.pid, 'SIGKILL')

/** Does it when it is called for the `times`th time. */
function onCall(times: number, act: () => void): () => void {
  let calls = 0
  return () => {
    if (++calls === times) act()
  }
}

/** Tells of the moments of a stop, and dies where it is asked to. */
function probe(): (moment: Moment) => void {
  const crash = crashing()
  const slowMs = has('--slow-disk') ? Number(after('--slow-disk')) : 0
  return (moment) => {
    if (moment.startsWith('stop: ')) tell({ moment })
    if (slowMs > 0 && moment === 'commit: positions written') holdUp(slowMs)
    crash?.(moment)
  }
}

/** The whole process waits. */
function holdUp(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)
}

function crashing(): ((moment: Moment) => void) | undefined {
  if (!has('--crash')) return undefined
  const at = after('--crash')
  if (!moments.some((moment) => moment === at)) throw new Error(`no moment is called ${at}: see src/probe.ts`)
  const come = onCall(Number(after('--crash', 2)), die)
  return (moment) => {
    if (moment === at) come()
  }
}

function broken(): NegativeControl {
  if (has('--unidentified')) return { identityIgnored: true }
  if (!has('--apart')) return {}
  const between = onCall(Number(after('--apart', 2)), die)
  return { [`${after('--apart')}Apart`]: { between } }
}

if (has('--heap')) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let sample = 0
  process.on('SIGUSR2', () => {
    // Twice: what finalizers let go of is gone only then.
    collect()
    collect()
    const { arrayBuffers, external, rss } = process.memoryUsage()
    const spaces = Object.fromEntries(
      getHeapSpaceStatistics().map(({ space_name: name, space_used_size: used }) => [name, used]),
    )
    tell({ sample: ++sample, ...spaces, arrayBuffers, external, rss })
  })
}

/** Keeps something of every record that was committed since it was called last. */
function leak(): (positions: readonly Position[]) => void {
  const kept: number[][] = []
  const numbers = has('--leak') ? Number(after('--leak')) / 8 : 0
  let isLeaking = false
  let before = 0
  if (has('--leak')) process.on('SIGWINCH', () => (isLeaking = true))
  return (positions) => {
    const records = positions.reduce((sum, { nextOffset }) => sum + nextOffset, 0)
    // Fractions take eight bytes each.
    if (isLeaking) kept.push(new Array<number>((records - before) * numbers).fill(0.5))
    before = records
  }
}

let hasCommitted = false
const tellOnce = onCall(1, () => {
  hasCommitted = true
  tell({ firstCommitMs: Math.round(performance.now()) })
})
const keep = leak()
// As bin/leeway.js does.
flushCompileCache()
await serve(
  { config: after('-c'), state: after('--state'), port: after('--port') },
  {
    probe: probe(),
    onCommit: (positions) => {
      tellOnce()
      keep(positions)
    },
    negativeControl: {
      ...broken(),
      reloadUncommitted: has('--uncommitted-reloads'),
      clientIsStuck: () => has('--stuck') && hasCommitted,
    },
  },
)
process.exit()
