// Commands that the documentation shows can be given, and print what it says.

import assert from 'node:assert/strict'
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Command } from 'commander'
import { commands } from '../src/cli/commands.ts'
import { assertShown } from './build/shown.ts'
import { openSession } from './cli/session.ts'

const root = join(import.meta.dirname, '..')
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: root })]
const program = new Command('leeway')
for (const register of commands) register(program)

/** What is written as code: whole blocks, and spans in a line. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?:sh)?\n([\s\S]*?)^ *```/gm)].map(([, block = '']) => block)
  const spans = [...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return [...blocks.flatMap((block) => block.replaceAll(/\\\n/g, ' ').split('\n')), ...spans]
}

/** What is wrong with words behind `leeway`; undefined: nothing. */
function wrongWith(words: readonly string[]): string | undefined {
  let at: Command = program
  let rest = words
  while (rest.length > 0 && at.commands.length > 0 && /^[a-z]/.test(rest[0] as string)) {
    const next = at.commands.find((one) => one.name() === rest[0])
    if (next === undefined) return `there is no ${at.name()} ${rest[0]}`
    at = next
    rest = rest.slice(1)
  }
  for (const word of rest.filter((one) => /^--?[a-z]/.test(one))) {
    const name = word.split('=')[0]
    const isKnown = name === '--help' || at.options.some(({ long, short }) => name === long || name === short)
    if (!isKnown) return `${at.name()} has no ${name}`
  }
  return undefined
}

test('every command that is shown is one, with options that it has', () => {
  let seen = 0
  for (const page of pages) {
    for (const line of codeOf(textOf(page))) {
      for (const [, given = ''] of line.matchAll(
        /(?:^|[("] ?|(?:run|-s) |\$ | {3,})(?:leeway --|leeway) ((?:[a-z]|--)[^#|)>"`]*)/g,
      )) {
        const words = given.split(/ {3,}/)[0]?.trim().split(/\s+/) ?? []
        assert.equal(wrongWith(words), undefined, `${page}: leeway ${given}`)
        seen++
      }
    }
  }
  assert.ok(seen > 80, `${seen} commands`)
  assert.match(wrongWith(['incidents', 'lst']) ?? '', /there is no incidents lst/)
  assert.match(wrongWith(['check', '--fix']) ?? '', /check has no --fix/)
})

test('every script that is shown is there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  for (const page of pages) {
    for (const line of codeOf(textOf(page))) {
      for (const [, name = ''] of line.matchAll(/npm run (?:-s )?([a-z](?:[\w:]*\w)?)/g))
        assert.ok(name in scripts, `${page}: ${line}`)
      for (const [, file = ''] of line.matchAll(/\bnode ([\w/]+\.ts)\b/g))
        assert.ok(existsSync(join(root, file)), `${page}: ${line}`)
    }
  }
})

test('the README names every command', () => {
  for (const { name } of program.commands.map((command) => ({ name: command.name() })))
    assert.ok(textOf('README.md').includes(`\`${name}`), `the README does not name ${name}`)
})

const leeway = openSession()
const folder = mkdtempSync(join(tmpdir(), 'leeway-docs-'))
after(() => rmSync(folder, { recursive: true }))
for (const name of ['wine-production.csv.gz', 'wine-reference.csv.gz'])
  copyFileSync(join(root, 'test/data', name), join(folder, name))
const [, wine = ''] = textOf('docs/get-started.md').match(/<<'END'\n([\s\S]*?)END\n/) ?? []
writeFileSync(join(folder, 'wine.yaml'), wine)

test('what get-started shows of its replay is what it prints', async () => {
  const { code, stdout } = await leeway(['replay', '-c', join(folder, 'wine.yaml')])
  assert.equal(code, 0)
  const [, shown = ''] = textOf('docs/get-started.md').match(/```\n(What drifted[\s\S]*?)```/) ?? []
  assertShown(shown, stdout)
})

test('what configure-a-model shows of check is what it prints, of a file that is right and of one that is wrong', async () => {
  const page = textOf('docs/configure-a-model.md')
  const shownOf = (name: string) => page.match(new RegExp(`\\$ leeway check -c ${name}\n([\\s\\S]*?)\`\`\``))?.[1] ?? ''
  const right = await leeway(['check', '-c', join(folder, 'wine.yaml')])
  assertShown(shownOf('wine\\.yaml'), right.stdout.replace(/\S*\/(?=w)/g, ''))
  const faults = [
    ['score: score', 'scor: score'],
    ['source: history', 'source: histroy'],
    ['size: 6h', 'size: 6 hours'],
  ] as const
  writeFileSync(
    join(folder, 'wrong.yaml'),
    faults.reduce((text, [good, bad]) => text.replace(good, bad), wine),
  )
  const wrong = await leeway(['check', '-c', join(folder, 'wrong.yaml')])
  assert.equal(wrong.code, 2)
  assertShown(shownOf('wrong\\.yaml'), wrong.stderr.replace(/\S*\/(?=w)/g, ''))
})
