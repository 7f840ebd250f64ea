// What is built holds everything that the program reads at run time.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

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

test('what is built for browsers takes the place of what was built before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-assets-'))
  try {
    writeFileSync(join(folder, 'main-OLD.js'), 'old')
    execFileSync(process.execPath, [fileURLToPath(new URL('src/ui/write-bundle.ts', root)), folder])
    const kinds = readdirSync(folder).map((name) => name.replace(/-\w+\./, '.'))
    assert.deepEqual(kinds.sort(), ['favicon.svg', 'main.js', 'report.css', 'style.css'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
