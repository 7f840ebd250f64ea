// Many commands in one process: what they print is what a process of their own would, and only the first pays for the start.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Outcome } from './run.ts'
import { plainEnvironment } from './run.ts'

/**
 * Starts a process for the commands of one test file; it ends with the file.
 *
 * @returns runs a command, one at a time; `env` is added to what every command needs, so that variables of this machine do not matter
 */
export function openSession(): (args: readonly string[], env?: Record<string, string>) => Promise<Outcome> {
  const child = fork(join(import.meta.dirname, 'program.ts'), {
    env: plainEnvironment,
    execArgv: [],
  })
  after(() => child.kill())
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the session ended with code ${code}`)
  })
  ended.catch(() => {})
  return async (args, env = {}) => {
    const answer = once(child, 'message')
    child.send({ args, env })
    const [outcome] = await Promise.race([answer, ended])
    return outcome as Outcome
  }
}
