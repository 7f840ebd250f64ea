// The daemon as a child process.

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { bin } from './state.ts'

export interface Serving {
  readonly process: ChildProcess
  /** Where its API is. */
  readonly address: string
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly log: string[]
  /** Resolves when a line of its log has the text, or the process has ended. */
  said(text: string): Promise<void>
}

const alive = new Set<ChildProcess>()
const killAll = () => {
  for (const child of alive) child.kill('SIGKILL')
}
process.on('exit', killAll)
// A daemon that a failed test has left would keep the process of the test from ending.
after(killAll)

/** Starts `leeway serve` (or another script with the same arguments) and waits until it says that it is ready. */
export async function serve(options: {
  config: string
  state: string
  script?: string
  env?: Record<string, string>
  /** Arguments of `faulty-serve.ts`. */
  faults?: readonly string[]
  /** Told of the process before it is ready. */
  spawned?: (child: ChildProcess) => void
}): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [
      options.script ?? bin,
      'serve',
      '-c',
      options.config,
      '--state',
      options.state,
      '--port',
      '0',
      ...(options.faults ?? []),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...options.env },
    },
  )
  alive.add(child)
  options.spawned?.(child)
  child.once('exit', () => alive.delete(child))
  const log: string[] = []
  const listeners = new Set<(line: string) => void>()
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      log.push(line)
      if (log.length > 500) log.shift()
      for (const heard of listeners) heard(line)
      if (line.includes('"msg":"ready"')) resolve((JSON.parse(line) as { address: string }).address)
    })
    ended.then(({ code, signal }) =>
      reject(new Error(`leeway serve ended with ${code ?? signal} before it was ready:\n${log.join('\n')}`)),
    )
  })
  async function said(text: string): Promise<void> {
    if (log.some((line) => line.includes(text))) return
    const heard = Promise.withResolvers<void>()
    const listen = (line: string) => {
      if (line.includes(text)) heard.resolve()
    }
    listeners.add(listen)
    await Promise.race([heard.promise, ended])
    listeners.delete(listen)
  }
  return { process: child, address, ended, log, said }
}

export async function kill(serving: Serving, signal: NodeJS.Signals): Promise<void> {
  serving.process.kill(signal)
  await serving.ended
}

/** Asks until the answer is the wanted one; the process must live meanwhile. */
export async function until<T>(
  serving: Serving,
  ask: () => Promise<T | undefined>,
  what: string,
  timeoutMs = 90_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    if (serving.process.exitCode !== null)
      throw new Error(
        `leeway serve ended with ${serving.process.exitCode} while waiting for ${what}:\n${serving.log.slice(-20).join('\n')}`,
      )
    if (performance.now() > deadline) {
      serving.process.kill('SIGKILL')
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}:\n${serving.log.slice(-20).join('\n')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export async function getJson<T>(serving: Serving, path: string): Promise<T> {
  const answer = await fetch(serving.address + path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return (await answer.json()) as T
}

/** The value of a metric's only series, or of the one with the given labels. */
export async function metric(serving: Serving, series: string): Promise<number | undefined> {
  const page = await (await fetch(`${serving.address}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}
