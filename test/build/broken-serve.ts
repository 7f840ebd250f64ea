// `leeway serve` with a store that is broken on purpose: positions are written after the state, in a transaction of their own,
// and the process dies between the two now and then. The test of exactness must notice.

import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { createLog } from '../../src/telemetry/log.ts'

const flag = (name: string) => process.argv[process.argv.indexOf(name) + 1] as string
const log = createLog('info')
let commits = 0
const daemon = await startDaemon({
  document: loadDocument(flag('-c')),
  settings: loadSettings({ flags: { stateDir: flag('--state'), port: 0 } }),
  log,
  version: 'broken',
  write: () => {},
  mode: 'live',
  deliver: true,
  negativeControl: {
    positionsApart: {
      between: () => {
        if (++commits === 2) process.kill(process.pid, 'SIGKILL')
      },
    },
  },
})
log.info({ address: await daemon.serveHttp() }, 'ready')
await daemon.run()
