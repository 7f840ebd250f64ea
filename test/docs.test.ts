// What the documentation shows can be used as it stands.

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Command } from 'commander'
import { commands } from '../src/cli/commands.ts'
import { channelSettings } from '../src/config/channel-settings.ts'
import { readDocument } from '../src/config/load.ts'
import { documentJsonSchema } from '../src/config/schema.ts'
import { canonicalDecoder } from '../src/events/decode.ts'
import { documentText } from './config/document.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text as string)

test('the configuration in the README is valid', () => {
  const [text = ''] = blocks('yaml')
  const document = readDocument(text, 'README.md')
  assert.deepEqual([...document.models.keys()], ['credit-risk'])
})

test('every example of the page about channels is valid', () => {
  const page = readFileSync(join(root, 'docs', 'channels.md'), 'utf8')
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text as string)
  const types = examples.flatMap((text) => {
    const rest = readme.match(/```yaml\n([\s\S]*?)```/)?.[1]?.replace(/^(channels|routes):[\s\S]*?(?=^\w)/gm, '')
    return [...readDocument(`${rest}\n${text}`, 'docs/channels.md').channels.values()].map(({ type }) => type)
  })
  assert.deepEqual([...new Set(types)].sort(), channelSettings.options.map(({ shape }) => shape.type.value).sort())
})

test('the events in the README can be read', () => {
  const read: string[] = []
  const decoder = canonicalDecoder({ defaultModel: null })
  for (const line of (blocks('json')[0] ?? '').trim().split('\n')) {
    decoder.decode(Buffer.from(line), {
      prediction: ({ id }) => read.push(`prediction ${id}`),
      label: ({ id }) => read.push(`label ${id}`),
      rejected: ({ detail }) => read.push(detail),
    })
  }
  assert.deepEqual(read, ['prediction req-123', 'label req-123'])
})

test('each orchestrator has an example that can be used', () => {
  const page = readFileSync(join(root, 'docs/orchestrators.md'), 'utf8')
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  const targets = examples.map((text) => {
    const retraining = `\n  ${text.trim().replaceAll('\n', '\n  ')}`
    return readDocument(documentText({ retraining }), 'docs/orchestrators.md').retraining.get('credit-risk')?.target
      .name
  })
  const schema = JSON.stringify(documentJsonSchema())
  const known = [...schema.matchAll(/"target":\{"type":"string","const":"(\w+)"/g)].map(([, name = '']) => name)
  assert.deepEqual([...new Set(targets)].sort(), [...new Set(known)].sort())
})

test('every link to a file in the documentation leads somewhere', () => {
  for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
      assert.ok(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`)
  }
})

test('the README names every command', () => {
  const program = new Command()
  for (const register of commands) register(program)
  for (const name of program.commands.map((command) => command.name()).filter((one) => one !== 'version'))
    assert.ok(readme.includes(`\`${name}`), `the README does not name ${name}`)
})
