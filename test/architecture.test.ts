// The order of the house: a file imports from its own room and from rooms before it, never from a later one.

import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const pure = [
  'time.ts',
  'secret.ts',
  'statistics',
  'events',
  'join',
  'summaries',
  'reference',
  'windows',
  'monitors',
  'incidents',
  'handling',
  'retraining',
]
const rooms = [
  'time.ts',
  'secret.ts',
  'probe.ts',
  'statistics',
  'outbound',
  'sources',
  'events',
  'join',
  'summaries',
  'reference',
  'windows',
  'monitors',
  'incidents',
  'handling',
  'retraining',
  'delivery',
  'store',
  'overview',
  'telemetry',
  'http',
  'ui',
  'config',
  'intake.ts',
  'pipeline.ts',
  'assembly',
  'daemon.ts',
  'cli',
  'main.ts',
]
const onlyComputes = ['zod', 'simple-statistics']
const forbidden = ['utils', 'helpers', 'common', 'types', 'misc', 'shared']
const roomOf = (path: string) => relative('src', path).split('/')[0] ?? ''
const imported = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g

for (const file of globSync('src/**/*.ts')) {
  test(`${file} keeps the order of the rooms`, () => {
    const room = roomOf(file)
    assert.ok(rooms.includes(room), `src/${room} is new: give it a place in the order, and a line in src/README.md`)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(imported)) {
      if (specifier.startsWith('.')) {
        const target = roomOf(join(dirname(file), specifier))
        assert.ok(rooms.indexOf(target) <= rooms.indexOf(room), `${room} imports ${target}, which comes after it`)
      } else {
        assert.ok(!pure.includes(room) || onlyComputes.includes(specifier), `${room} is pure, yet imports ${specifier}`)
      }
    }
  })
}

test('no file or folder has a name that says nothing', () => {
  for (const file of globSync('src/**')) {
    const name = file.split('/').at(-1)?.replace(/\.ts$/, '') ?? ''
    assert.ok(!forbidden.includes(name), `${file}: a name such as ${name} answers no question`)
  }
})

test('the map names every room, and no room that is not there', () => {
  const map = readFileSync('src/README.md', 'utf8')
  const named = [...map.matchAll(/^\| `([^`]+?)\/?` \|/gm)].map(([, name]) => name)
  const present = readdirSync('src').filter((name) => name !== 'README.md')
  assert.deepEqual([...named].sort(), present.sort())
  const order = rooms.filter((room) => named.includes(room))
  assert.deepEqual(named, order, 'the map lists the rooms in the order of imports')
})
