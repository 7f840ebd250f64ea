// What is built holds everything that the program reads at run time.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'

const root = new URL('../', import.meta.url)

test('whatever lies beside the sources is copied into what is built, for the package and for the container', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const beside = globSync('src/**/*.*', { cwd: root }).filter((file) => !/\.(ts|md)$/.test(file))
  const folders = [...new Set(beside.map((file) => dirname(file)))]
  assert.ok(folders.length > 1)
  // What browsers take is bundled from its sources.
  assert.ok(scripts.build.includes('node src/ui/write-bundle.ts dist/ui/assets'))
  for (const folder of folders.filter((one) => !one.startsWith('src/ui'))) {
    const target = dirname(folder.replace(/^src/, 'dist'))
    assert.ok(scripts.build.includes(`cp -r ${folder} ${target}/`), `${folder} is not in what is built`)
  }
  assert.equal(scripts.prepack, 'npm run build')
  assert.match(readFileSync(new URL('Dockerfile', root), 'utf8'), /^RUN npm run build/m)
})
