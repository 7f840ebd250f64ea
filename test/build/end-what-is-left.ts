// A test that fails may leave connections and processes behind, which keep its file from ending: after a while that is told, and the
// rest of the run goes on. Loaded before each file.

import { after } from 'node:test'

const WAIT_MS = 5 * 60_000

after(() => {
  const end = () => {
    console.error(`${process.argv[1]} does not end; left are: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }
  setTimeout(end, WAIT_MS).unref()
})
