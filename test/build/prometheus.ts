// A real Prometheus that scrapes what it is told to.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../kafka/broker.ts'

/** Why Prometheus, and its promtool, cannot be used here; null: they can. */
export const missingForPrometheus =
  spawnSync('prometheus', ['--version']).error !== undefined || spawnSync('promtool', ['--version']).error !== undefined
    ? 'prometheus is not installed (Debian: apt-get install prometheus)'
    : null

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export interface Prometheus {
  /** What an expression is now. @throws when it is refused */
  query(expr: string): Promise<readonly Sample[]>
  get<T>(path: string): Promise<T>
  stop(): Promise<void>
}

/** @param targets host and port, all under the job `leeway` */
export async function startPrometheus(targets: readonly string[], rules: readonly string[] = []): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-prometheus-'))
  const port = await freePort()
  const every = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' }
  const scrape = [{ job_name: 'leeway', static_configs: [{ targets }] }]
  // JSON is YAML.
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({ global: every, rule_files: rules, scrape_configs: scrape }),
  )
  const log = join(folder, 'log')
  const server = spawn(
    'sh',
    [
      '-c',
      `exec prometheus --config.file=${folder}/prometheus.yml --storage.tsdb.path=${folder}/data --web.listen-address=127.0.0.1:${port} 2>${log}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise((resolve) => server.once('exit', resolve))
  const address = `http://127.0.0.1:${port}`
  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(address + path)
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string }
    if (status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${error}`)
    return data
  }
  async function stop(): Promise<void> {
    server.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = performance.now() + 30_000
  for (;;) {
    const isReady = await fetch(`${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (server.exitCode !== null || performance.now() > deadline) {
      const said = readFileSync(log, 'utf8')
      await stop()
      throw new Error(`Prometheus did not start:\n${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const query = async (expr: string) =>
    (await get<{ result: Sample[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}`)).result
  return { query, get, stop }
}
