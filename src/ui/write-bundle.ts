// Writes the UI into a folder, for a package: node src/ui/write-bundle.ts dist/ui/assets

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('the folder to write to is missing')
// What an earlier build left has other names, and would be taken for the present one.
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { name, text } of await bundle()) writeFileSync(join(folder, name), text)
