// `npm run verdicts`: replays every data set and writes docs/verdicts.md.

import { writeFileSync } from 'node:fs'
import { replay } from '../test/build/replay.ts'
import type { Judged } from './verdict-page.ts'
import { pagePath, verdictPage } from './verdict-page.ts'
import { dataSets } from './verdict-sets.ts'

const judged: Judged[] = []
for (const set of dataSets) {
  console.error(`replaying ${set.name}`)
  const [configured, alike] = await Promise.all([replay(set.config), replay(set.config, set.windows)])
  judged.push({ set, configured, alike })
}
writeFileSync(pagePath, verdictPage(judged))
console.error(`wrote ${pagePath}`)
