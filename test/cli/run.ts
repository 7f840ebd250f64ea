// Runs the real program as a user does.

import { spawn } from 'node:child_process'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a command needs of this machine's environment: where programs are, and what is compiled already. */
export const plainEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)

/** @param options `env` is added to what every command needs, so that variables of this machine do not matter */
export function leeway(
  args: readonly string[],
  options: { env?: Record<string, string>; node?: readonly string[]; bin?: string } = {},
): Promise<Outcome> {
  const { env = {}, node = [], bin = 'bin/leeway.js' } = options
  const child = spawn(process.execPath, [...node, bin, ...args], { env: { ...plainEnvironment, ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
}
