// What the fault tests prove, as rows of docs/guarantees.md.
//
// A test that ends well calls `proved`; when all have run, test/run.ts has the rows written into the page. A row of a test that did
// not run stays as it was. Figures are counts, never times of this machine, so that the page changes only with what is tested.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const proofsDir = join(root, '.cache', 'proofs')
const page = join(root, 'docs', 'guarantees.md')
const [from, to] = ['<!-- proofs -->', '<!-- end of proofs -->']

/** CI runs each test at a size that fits 25 minutes in all; `npm run faults -- --full` runs the sizes of the design. */
export const isFull = process.env['LEEWAY_FAULTS'] === 'full'

export interface Proof {
  /** The promise, as the page's first table names it: G1 to G6, or `security`, `bounds`. */
  readonly promise: string
  /** What was done, such as `SIGKILL at random moments`. Names the row. */
  readonly fault: string
  /** How often and at which size, such as `200 kills over 2,000,000 events`. */
  readonly size: string
  /** What came out, such as `0 lost, 0 double`. */
  readonly outcome: string
  /** The test, such as `test/faults/kill.kafka.test.ts`. */
  readonly test: string
}

/** Tells that a test proved what it promises; to be called at its end, when nothing can fail any more. */
export function proved(proof: Proof): void {
  mkdirSync(proofsDir, { recursive: true })
  writeFileSync(join(proofsDir, `${proof.fault.replace(/\W+/g, '-')}.json`), JSON.stringify(proof))
}

/** Forgets what an earlier run proved. */
export function forgetProofs(): void {
  rmSync(proofsDir, { recursive: true, force: true })
}

/** Writes what this run proved into docs/guarantees.md. */
export function writeProofs(): void {
  const fresh = readProofs()
  if (fresh.length === 0) return
  const text = readFileSync(page, 'utf8')
  const [start, end] = [text.indexOf(from) + from.length, text.indexOf(to)]
  const rows = new Map<string, { ci: string; full: string; proof: Omit<Proof, 'size'> }>()
  for (const line of text.slice(start, end).split('\n').slice(3)) {
    const [, promise = '', fault = '', ci = '', full = '', outcome = '', test = ''] = line
      .split('|')
      .map((c) => c.trim())
    if (fault !== '') rows.set(fault, { ci, full, proof: { promise, fault, outcome, test: test.replaceAll('`', '') } })
  }
  for (const { size, ...proof } of fresh) {
    const { ci = '', full = '' } = rows.get(proof.fault) ?? {}
    rows.set(proof.fault, isFull ? { ci, full: size, proof } : { ci: size, full, proof })
  }
  const order = (proof: Omit<Proof, 'size'>) => `${proof.promise} ${proof.fault}`
  const lines = [...rows.values()]
    .sort((a, b) => (order(a.proof) < order(b.proof) ? -1 : 1))
    .map(
      ({ ci, full, proof: { promise, fault, outcome, test } }) =>
        `| ${promise} | ${fault} | ${ci} | ${full} | ${outcome} | \`${test}\` |`,
    )
  const head =
    '| promise | fault or input | in CI | `npm run faults -- --full` | outcome | test |\n|---|---|---|---|---|---|'
  writeFileSync(page, `${text.slice(0, start)}\n${head}\n${lines.join('\n')}\n${text.slice(end)}`)
}

function readProofs(): Proof[] {
  try {
    return readdirSync(proofsDir).map((name) => JSON.parse(readFileSync(join(proofsDir, name), 'utf8')) as Proof)
  } catch {
    return []
  }
}
