// The process behind session.ts: runs commands one after another through `main`, and says what each printed.

import { main } from '../../src/main.ts'

const streams = ['stdout', 'stderr'] as const

process.on('message', async ({ args, env }: { args: string[]; env: Record<string, string> }) => {
  const output = { stdout: '', stderr: '' }
  const original = { ...process.env }
  Object.assign(process.env, env)
  process.exitCode = undefined
  for (const name of streams) {
    process[name].write = (chunk: string | Uint8Array) => {
      output[name] += Buffer.from(chunk as Uint8Array).toString()
      return true
    }
  }
  const code = await main(args)
  for (const name of Object.keys(env)) delete process.env[name]
  Object.assign(process.env, original)
  process.send?.({ code, ...output })
})
