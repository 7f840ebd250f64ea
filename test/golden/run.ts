// Holds the project against a folder of golden files: node test/golden/run.ts DIR

import { report } from './report.ts'
import { runFolder } from './run-folder.ts'

const folder = process.argv[2]
if (folder === undefined || process.argv.length > 3) {
  console.error(
    'usage: node test/golden/run.ts DIR, where DIR holds *.json files as described in test/golden/README.md',
  )
  process.exitCode = 2
} else {
  const results = await runFolder(folder)
  for (const line of report(results)) console.log(line)
  if (results.some(({ failures, unserved }) => failures.length > 0 || unserved.size > 0)) process.exitCode = 1
}
