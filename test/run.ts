// Runs the tests, and sets up what they need.
//
//   node test/run.ts          everything; one real broker is started for all Kafka tests
//   node test/run.ts quick    unit, golden and property tests: no broker, no long runs
//   node test/run.ts faults   the fault tests alone, at the size of CI; with --full at the size of the design, which takes hours
//   node test/run.ts orchestrators
//                             real Airflow, Prefect, Dagster, MLflow and moto, one after another: installs them once (1.9 GB) into
//                             .cache/orchestrators. Of these, only moto is part of `everything`
//
// What the fault tests prove is written into docs/guarantees.md.
//
// LEEWAY_TEST_KAFKA=host:port uses a broker that is already there. Without Java the Kafka tests are skipped, loudly; with CI=true
// a missing part is a failure.

import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { missingForChromium } from './browser/chromium.ts'
import { missingForFaketime } from './build/faketime.ts'
import { missingForPrometheus } from './build/prometheus.ts'
import { missingForAlertmanager } from './build/real-alertmanager.ts'
import { forgetProofs, writeProofs } from './faults/proof.ts'
import { missingForBroker, startBroker } from './kafka/broker.ts'
import { missingForCounterparts } from './orchestrators/counterpart.ts'

const root = join(import.meta.dirname, '..')
const endsWhatIsLeft = pathToFileURL(join(import.meta.dirname, 'build', 'end-what-is-left.ts')).href
// A hundred processes load the same modules: each is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(root, '.cache', 'compile')
const isQuick = process.argv[2] === 'quick'
const onlyFaults = process.argv[2] === 'faults'
const onlyOrchestrators = process.argv[2] === 'orchestrators'
if (process.argv.includes('--full')) process.env['LEEWAY_FAULTS'] = 'full'
const inCi = process.env['CI'] === 'true'

const isFault = (file: string) => file.includes('faults/')
const isOrchestrator = (file: string) => file.includes('orchestrators/') && !file.includes('delivery/')
const isHeavy = (file: string) => isOrchestrator(file) && !file.endsWith('sagemaker.test.ts')
const isLong = (file: string) =>
  file.includes('end-to-end/') ||
  file.includes('browser/') ||
  isFault(file) ||
  isOrchestrator(file) ||
  file.includes('.kafka.test.')
const files = globSync('test/**/*.test.ts', { cwd: root })
  .sort()
  .filter((file) => (onlyOrchestrators ? isOrchestrator(file) : !isHeavy(file)))
  .filter((file) => (isQuick ? !isLong(file) : !onlyFaults || isFault(file)))

function missing(part: string, why: string): void {
  console.error(`\n!! ${part}: ${why}\n`)
  if (inCi) process.exit(1)
}

function tellWhatIsMissing(): void {
  if (missingForPrometheus !== null)
    missing('the tests of dashboards and rules against a real Prometheus are skipped', missingForPrometheus)
  if (missingForAlertmanager !== null)
    missing('the test against a real Alertmanager is skipped', missingForAlertmanager)
  if (missingForChromium !== null) missing('the tests of the web UI in a browser are skipped', missingForChromium)
  if (missingForFaketime !== null) missing('the test of clocks that jump is skipped', missingForFaketime)
  if (lackingPython !== null && !onlyFaults) missing('the test against moto is skipped', lackingPython)
}

async function provideBroker(): Promise<() => Promise<void>> {
  if (isQuick || onlyOrchestrators || process.env['LEEWAY_TEST_KAFKA'] !== undefined) return async () => {}
  const lacking = missingForBroker()
  if (lacking !== null) {
    missing('the Kafka tests are skipped', lacking)
    return async () => {}
  }
  const broker = await startBroker()
  process.env['LEEWAY_TEST_KAFKA'] = broker.address
  return () => broker.stop()
}

const lackingPython = isQuick ? null : missingForCounterparts()
if (onlyOrchestrators && lackingPython !== null) {
  console.error(`\n!! the orchestrators cannot be set up: ${lackingPython}\n`)
  process.exit(1)
}
if (!isQuick && !onlyOrchestrators) tellWhatIsMissing()
const stopBroker = await provideBroker()
if (!onlyOrchestrators) forgetProofs()
const concurrency = onlyOrchestrators ? 1 : 2
const args = [
  '--test',
  '--test-reporter=spec',
  `--test-concurrency=${concurrency}`,
  `--import=${endsWhatIsLeft}`,
  ...files,
]
const runner = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal))
const code = await new Promise<number>((resolve) => runner.once('exit', (exit) => resolve(exit ?? 1)))
await stopBroker()
if (!onlyOrchestrators) writeProofs()
process.exitCode = code
