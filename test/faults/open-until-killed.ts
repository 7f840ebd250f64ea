// A process that opens a state, which upgrades it, and is killed meanwhile.
//
//   node open-until-killed.ts DIRECTORY MIGRATIONS

import { openStore } from '../../src/store/store.ts'

const [directory = '', migrations = ''] = process.argv.slice(2)
process.stdout.write('opening\n')
openStore(directory, { migrations }).close()
process.stdout.write('open\n')
