// A daemon of many models in a process of its own, which tells how long its event loop was held.
//
//   node test/browser/wide-fleet-daemon.ts FOLDER      a folder that `makeWideFleet` has filled

import { LongestTurn } from '../build/longest-turn.ts'
import { startWideFleet } from '../build/wide-fleet.ts'

export type Told = { readonly address: string } | { readonly longestMs: number }

const tell = (told: Told) => process.send?.(told)
const turns = new LongestTurn()
const daemon = await startWideFleet(process.argv[2] as string)
process.on('message', (asked) => {
  if (asked === 'begin') turns.start()
  else if (asked === 'end') tell({ longestMs: turns.stop() })
})
process.on('disconnect', () => void daemon.stop())
tell({ address: await daemon.serveHttp({ port: 0 }) })
await daemon.run()
