// The process has nothing that it does not need: it works without code made from text, child processes, native addons and a place to
// write but its state, and nobody else can read what it writes.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parseAllDocuments } from 'yaml'
import { leeway } from '../cli/run.ts'
import { proved } from './proof.ts'

/** The flags of the container, with the folders of this machine. */
function containerFlags(writable: string): string[] {
  const [, list = ''] = /^ENTRYPOINT (\[[\s\S]*?\])/m.exec(readFileSync('Dockerfile', 'utf8')) ?? []
  const words = JSON.parse(list.replaceAll('\\\n', '')) as string[]
  const flags = words
    .filter((word) => word.startsWith('--'))
    .map((word) => word.replace('/var/lib/leeway', writable).replace(/=\/tmp$/, `=${tmpdir()}`))
  // From Node 25 on, the permission model closes the network too.
  return Number(process.versions.node.split('.')[0]) >= 25 ? [...flags, '--allow-net'] : flags
}

test('no source makes code from text, starts a process, or opens a debugger', () => {
  const forbidden = [
    /\bfrom '(?:node:)?(?:child_process|cluster|inspector|repl|wasi|worker_threads)'/,
    /\bfrom '(?:node:)?vm'/,
    /\beval\s*\(/,
    /\bnew Function\b/,
    /\bprocess\.binding\b/,
    /\bsetTimeout\(\s*['"`]/,
    /\brejectUnauthorized: false/,
  ]
  // Runs one constant word, to get at the collector of rubbish.
  const exceptions: Readonly<Record<string, string>> = { 'src/assembly/memory-guard.ts': "/\\bfrom '(?:node:)?vm'/" }
  const files = globSync('src/**/*.ts')
  assert.ok(files.length > 100)
  for (const file of files)
    for (const pattern of forbidden.filter((one) => exceptions[file] !== String(one)))
      assert.doesNotMatch(readFileSync(file, 'utf8'), pattern, file)
})

test('the demo runs under the flags of the container, which take from it what they say', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-flags-'))
  const state = join(folder, 'state')
  const flags = containerFlags(state)
  for (const wanted of [
    '--permission',
    '--disable-proto=delete',
    '--disallow-code-generation-from-strings',
    '--disable-sigusr1',
  ])
    assert.ok(flags.includes(wanted), wanted)
  const { code, stdout, stderr } = await leeway(['demo', '--exit', '--state', state], { node: flags })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /The orchestrator \(a stand-in/)
  const tries = [
    "require('node:child_process').spawnSync('true')",
    "new (require('node:worker_threads').Worker)('0', {eval: true})",
    "require('node:fs').writeFileSync('/var/tmp/leeway-not-here', '')",
    'eval("1")',
    'new Function("return 1")()',
    "if (({}).__proto__ === undefined) throw new Error('gone')",
  ]
  for (const one of tries) {
    const script = `try { ${one}; console.log('possible') } catch (error) { console.log('refused') }`
    const { stdout: said } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' })
    assert.equal(said.trim(), 'refused', one)
  }
  for (const name of readdirSync(state, { recursive: true }) as string[])
    assert.equal(statSync(join(state, name)).mode & 0o077, 0, `${name} is open to others`)
  assert.equal(statSync(state).mode & 0o077, 0)
  rmSync(folder, { recursive: true })
  proved({
    promise: 'security',
    fault: 'A process without code from text, child processes, worker threads, addons and other places to write',
    size: `the demo under the flags of the container; ${tries.length} things tried`,
    outcome: 'runs; all refused; state open to nobody else',
    test: 'test/faults/process.test.ts',
  })
})

test('a state is upgraded, and backed up, under the flags of the container', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-flags-'))
  const state = join(folder, 'state')
  mkdirSync(state)
  writeFileSync(join(state, 'leeway.db'), gunzipSync(readFileSync('test/store/states/schema-1.db.gz')))
  const flags = containerFlags(state)
  const open = "import('./src/store/database.ts').then(({ openDatabase }) => openDatabase(process.argv[1]).close())"
  const { status, stderr } = spawnSync(process.execPath, [...flags, '-e', open, state], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.ok(readdirSync(state).some((name) => /^leeway\.db\.before-\d+$/.test(name)))
  const copy = await leeway(['backup', '--state', state, join(state, 'copy.db')], { node: flags })
  assert.equal(copy.code, 0, copy.stderr)
  rmSync(folder, { recursive: true })
})

test('the example for Kubernetes runs as nobody, with a root that is read-only and no capability', () => {
  const parts = parseAllDocuments(readFileSync('examples/kubernetes/leeway.yaml', 'utf8')).map((part) => part.toJS())
  const { spec } = parts.find(({ kind }) => kind === 'StatefulSet').spec.template
  assert.deepEqual([spec.securityContext.runAsNonRoot, spec.automountServiceAccountToken], [true, false])
  for (const { securityContext } of spec.containers)
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
})
