// `leeway dashboards export`: what is in dashboards/, with what its user says put in, and nothing overwritten unasked.

import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { generatedFiles } from '../../dashboards/source/files.ts'
import { openSession } from './session.ts'

const leeway = openSession()

test('dashboards, provisioning and rules are written with the addresses that are given, and kept when somebody has changed them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-export-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const dir = join(folder, 'new')
  const args = [
    'dashboards',
    'export',
    dir,
    '--prometheus',
    'http://prom.example.org/',
    '--docs',
    'https://docs.example.org/leeway',
  ]
  const first = await leeway(args)
  assert.deepEqual({ code: first.code, stderr: first.stderr }, { code: 0, stderr: '' })

  const wanted = [...generatedFiles().keys()].filter((path) => path.startsWith('dashboards/'))
  assert.deepEqual(
    globSync('**/*.*', { cwd: dir }).sort(),
    wanted.map((path) => path.slice('dashboards/'.length)).sort(),
  )
  const text = (path: string) => readFileSync(join(dir, path), 'utf8')
  assert.equal(parse(text('provisioning/datasources/leeway.yaml')).datasources[0].url, 'http://prom.example.org')
  assert.equal(parse(text('provisioning/dashboards/leeway.yaml')).providers[0].options.path, dir)
  const rules = text('prometheus/leeway.rules.yml')
  assert.match(rules, /runbook_url: https:\/\/docs\.example\.org\/leeway\/operations\.md#a-partition-is-halted/)
  assert.doesNotMatch(rules, /runbook_url: docs/)
  assert.equal(text('fleet.json'), generatedFiles().get('dashboards/fleet.json'))

  const again = await leeway([...args, '--json'])
  assert.equal(again.code, 0)
  assert.ok(
    again.stdout
      .trim()
      .split('\n')
      .every((line) => JSON.parse(line).change === 'same'),
  )

  writeFileSync(join(dir, 'fleet.json'), '{}')
  rmSync(join(dir, 'model.json'))
  const refused = await leeway(args)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /fleet\.json: differs from what would be written; --force replaces it/)
  assert.deepEqual(globSync('model.json', { cwd: dir }), [], 'something was written although it was refused')

  const forced = await leeway([...args, '--force'])
  assert.equal(forced.code, 0)
  assert.match(forced.stdout, /fleet\.json: replaced\n/)
  assert.match(forced.stdout, /model\.json: written\n/)
})

test('an address that is none is refused', async () => {
  const { code, stderr } = await leeway(['dashboards', 'export', '/nowhere', '--docs', 'our wiki'])
  assert.equal(code, 2)
  assert.match(stderr, /write an address, such as https:\/\/example\.org\/docs/)
})
