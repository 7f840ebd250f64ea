// `leeway serve` that takes memory when it is told to: SIGUSR2 fills it up to a share of its limit, or lets go of it again.
//
//   HUNGRY_SHARE=0.76 LEEWAY_MEMORY_LIMIT_MIB=600 node hungry-serve.ts serve -c CONFIG --state DIR --port 0

import { main } from '../../src/main.ts'

const limit = Number(process.env['LEEWAY_MEMORY_LIMIT_MIB']) * 2 ** 20
let held: Buffer | undefined
process.on('SIGUSR2', () => {
  if (held !== undefined) held = undefined
  else held = Buffer.alloc(Math.max(1, Number(process.env['HUNGRY_SHARE']) * limit - process.memoryUsage.rss()), 1)
})
process.exit(await main(process.argv.slice(2)))
