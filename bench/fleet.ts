// How long the pages of a fleet of 200 models with 50 features hold the event loop of the daemon, and how large they are.
//
//   node bench/fleet.ts [MODELS] [INCIDENTS]      default 200 models, 5,000 incidents

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { LongestTurn } from '../test/build/longest-turn.ts'
import { makeWideFleet, startWideFleet } from '../test/build/wide-fleet.ts'

const models = Number(process.argv[2] ?? 200)
const incidents = Number(process.argv[3] ?? 5_000)
const kept = process.env['LEEWAY_BENCH_STATE']
const folder = kept ?? mkdtempSync(join(tmpdir(), 'leeway-fleet-'))
if (!existsSync(join(folder, 'state'))) await makeWideFleet({ folder, models, features: 50, incidents })

const daemon = await startWideFleet(folder)
const turns = new LongestTurn()
const told: Array<readonly [what: string, longest: number, rest: string]> = []

async function during(what: string, work: () => Promise<string>): Promise<void> {
  await pause(50)
  turns.start()
  const startedAt = performance.now()
  const rest = await work()
  const took = performance.now() - startedAt
  told.push([what, turns.stop(), `${took.toFixed(0)} ms; ${rest}`])
}

const address = await daemon.serveHttp({ port: 0 })
const ask = async (path: string, encoding = 'identity') => {
  const answer = await fetch(address + path, { headers: { 'accept-encoding': encoding } })
  return { status: answer.status, bytes: Number(answer.headers.get('content-length')) }
}
const size = async (path: string) => {
  const plain = await ask(path)
  return `${plain.status}, ${(plain.bytes / 1024).toFixed(0)} KiB`
}
await during('first look at the fleet, right after the start', () => size('/api/v1/fleet'))
await during('reading what is stored, in the background', async () => {
  for (;;) {
    const view = await (await fetch(`${address}/api/v1/fleet?limit=1`)).json()
    if (!view.isFilling) return 'filled'
    await pause(50)
  }
})
await during('GET /api/v1/fleet', () => size('/api/v1/fleet'))
await during('GET /metrics', () => size('/metrics'))
await during('GET /metrics again', () => size('/metrics'))
await during('GET /api/v1/system', () => size('/api/v1/system'))
await during('GET /api/v1/incidents?limit=10000', () => size('/api/v1/incidents?limit=10000'))
await during('GET /api/v1/verdicts', () => size('/api/v1/verdicts?model=model-000'))
await during('GET /api/v1/models', () => size('/api/v1/models'))
await during('GET overview of a model', () => size('/api/v1/models/model-000/overview'))
const running = daemon.run()
await running
await during('looks of the clock: 5 s', async () => {
  await pause(5_000)
  return 'ticks'
})
for (const [what, longest, rest] of told)
  console.log(`${what.padEnd(50)} longest turn ${longest.toFixed(1).padStart(8)} ms of processor time   ${rest}`)
await daemon.stop()
if (kept === undefined) rmSync(folder, { recursive: true })
