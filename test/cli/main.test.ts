import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { leeway } from './run.ts'
import { openSession } from './session.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-main-'))
after(() => rmSync(folder, { recursive: true }))
const run = openSession()

const example = /Examples?:\n {2}leeway /

const commands = async () => {
  const { stdout } = await run(['--help'])
  const [, list = ''] = stdout.split('Commands:\n')
  return [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name as string)
}

test('every command has help with an example, and none of it is wider than 80 columns', async () => {
  const fits = (help: string) => assert.ok(!/^.{81}/m.test(help), help)
  fits((await run(['--help'])).stdout)
  const names = await commands()
  assert.ok(names.includes('check') && names.includes('version'), names.join())
  for (const name of names) {
    const { code, stdout, stderr } = await run([name, '--help'])
    assert.deepEqual([code, stderr], [0, ''], name)
    assert.match(stdout, /^Usage: leeway /, name)
    fits(stdout)
    const [, subcommands = ''] = stdout.split('\nCommands:\n')
    for (const [, sub = ''] of subcommands.matchAll(/^ {2}(\w+) /gm)) {
      const help = (await run([name, sub, '--help'])).stdout
      assert.match(help, example, `${name} ${sub} has no example`)
      fits(help)
    }
    if (subcommands === '') assert.match(stdout, example, `${name} has no example`)
  }
})

test('without a command leeway shows its help on stderr and exits with 2', async () => {
  const { code, stdout, stderr } = await run([])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^Usage: leeway /)
})

test('a mistake on the command line is one line with the nearest name, and exits with 2', async () => {
  for (const [args, expected] of [
    [['chek'], "leeway: unknown command 'chek' (Did you mean check?)\n"],
    [['check', '--confg', 'x'], "leeway: unknown option '--confg' (Did you mean --config?)\n"],
    [['check', '--config'], "leeway: option '-c, --config <file>' argument missing\n"],
  ] as const) {
    assert.deepEqual(await run(args), { code: 2, stdout: '', stderr: expected })
  }
})

test('a version behind a command is that of a model', async () => {
  const { code, stderr } = await run([
    'reference',
    'promote',
    'credit-risk',
    '--version',
    '8',
    '--address',
    'http://127.0.0.1:1',
  ])
  assert.equal(code, 4, stderr)
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  assert.equal((await leeway(['--version'])).stdout, `${version}\n`)
  assert.equal((await run(['version'])).stdout, `leeway ${version} (Node ${process.versions.node})\n`)
  assert.deepEqual(JSON.parse((await run(['version', '--json'])).stdout), {
    type: 'version',
    leeway: version,
    node: process.versions.node,
  })
})

const oldNode = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })")}`

test('an old Node gets one line that says what was found, what is needed and what to do', async () => {
  const { code, stdout, stderr } = await leeway(['check'], { node: ['--import', oldNode] })
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(
    stderr,
    /^leeway: this is Node 20\.20\.2, and leeway needs Node 24 or newer: install it from \S+, or [^\n]+\n$/,
  )
})

/** An installed package whose built program does what the text says. */
function installed(program: string): string {
  const home = mkdtempSync(join(folder, 'home-'))
  const root = join(home, 'node_modules', 'leeway')
  mkdirSync(join(root, 'dist'), { recursive: true })
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'src', 'main.ts'), 'throw new Error("the source was run")')
  writeFileSync(join(root, 'dist', 'main.js'), program)
  cpSync('bin', join(root, 'bin'), { recursive: true })
  return join(root, 'bin', 'leeway.js')
}

test('an installed leeway runs what was built, and hands its exit code on', async () => {
  const bin = installed('export const main = async (args) => (console.log(args.join()), 3)')
  assert.deepEqual(await leeway(['a', 'b'], { bin }), { code: 3, stdout: 'a,b\n', stderr: '' })
})

test('a program that cannot start says so and exits with 1', async () => {
  const { code, stderr } = await leeway([], { bin: installed('throw new Error("broken build")') })
  assert.equal(code, 1)
  assert.match(stderr, /^leeway: cannot start: Error: broken build/)
})
