// What the documentation shows can be used as it stands.

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { channelSettings } from '../src/config/channel-settings.ts'
import { readDocument } from '../src/config/load.ts'
import { documentJsonSchema } from '../src/config/schema.ts'
import { settingsSchema } from '../src/config/settings.ts'
import { canonicalDecoder } from '../src/events/decode.ts'
import { apiPage } from '../src/http/api-page.ts'
import { document as api } from '../src/http/openapi.ts'
import { chiSquaredTwoSample } from '../src/statistics/distances/chi-squared-two-sample.ts'
import { populationStability } from '../src/statistics/distances/population-stability.ts'
import { wilson } from '../src/statistics/intervals/wilson.ts'
import { documentText } from './config/document.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocksOf = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block as string)
const blocks = (language: string) => blocksOf(readme, language)
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/*.md', { cwd: root }).sort()]
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

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

test('every link in the documentation leads somewhere: to a file, and to a heading in it', () => {
  for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = '', heading] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = target === '' ? join(root, page) : join(root, dirname(page), target)
      assert.ok(existsSync(file), `${page} links to ${target}`)
      if (heading !== undefined && file.endsWith('.md'))
        assert.ok(headingsOf(file).has(heading), `${page} links to #${heading} of ${target}`)
    }
  }
})

/** Headings as GitHub names them in addresses. */
function headingsOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

test('every page of the documentation can be found from its index', () => {
  const index = readFileSync(join(root, 'docs', 'README.md'), 'utf8')
  for (const page of globSync('docs/*.md', { cwd: root }).filter((one) => one !== join('docs', 'README.md')))
    assert.match(index, new RegExp(`\\(${basename(page)}[)#]`), `docs/README.md does not name ${page}`)
})

test('the files that get-started, configure-a-model and Kafka begin with are valid', () => {
  const from = (page: string) => readFileSync(join(root, 'docs', page), 'utf8')
  const [, wine = ''] = from('get-started.md').match(/<<'END'\n([\s\S]*?)END\n/) ?? []
  const [, least = ''] = from('configure-a-model.md').match(/```yaml\n([\s\S]*?)```/) ?? []
  assert.equal(wine, least)
  assert.deepEqual([...readDocument(wine, 'docs/get-started.md').models.keys()], ['wine'])
  const [, sources = ''] = from('kafka.md').match(/```yaml\n([\s\S]*?)```/) ?? []
  const model = 'm: {source: production, task: binary, reference: {first: 7d}, windows: [{size: 1h, slide: 5m}]}'
  const document = readDocument(`apiVersion: leeway/v1\n${sources}models:\n  ${model}`, 'docs/kafka.md')
  assert.equal(document.sources.get('production')?.type, 'kafka')
})

test('the examples that explain the statistics are what comes out of them', () => {
  const page = readFileSync(join(root, 'docs', 'statistics.md'), 'utf8')
  const reference = new Float64Array(5).fill(1000)
  const rows = [...page.matchAll(/^\| [ABC] \| ([\d, ]+) \| ([\d.]+) \| ([^|]+) \|/gm)]
  assert.equal(rows.length, 3)
  for (const [row, counts = '', psi = '', p = ''] of rows) {
    const current = Float64Array.from(counts.split(', '), (one) => Number(one.replace(',', '')))
    const digits = (psi.split('.')[1] ?? '').length
    assert.equal(populationStability(reference, current).toFixed(digits), psi, row)
    const { pValue } = chiSquaredTwoSample(reference, current)
    const shown = p.includes('·') ? pValue.toExponential(0).replace('e-9', ' · 10⁻⁹') : pValue.toFixed(2)
    assert.equal(shown, p, row)
  }
  for (const [right, all, low, high] of [
    [76, 100, '0.67', '0.83'],
    [760, 1000, '0.73', '0.79'],
  ] as const) {
    const interval = wilson(right, all)
    assert.deepEqual([interval.low.toFixed(2), interval.high.toFixed(2)], [low, high])
    assert.ok(page.includes(low) && page.includes(high))
  }
})

/** Blocks of YAML that have a test of their own above, or are written for other programs. */
const readElsewhere: Readonly<Record<string, readonly RegExp[]>> = {
  'README.md': [/^apiVersion/],
  'docs/channels.md': [/^channels:/],
  'docs/orchestrators.md': [/^credit-risk:/],
  'docs/get-started.md': [],
  'docs/configure-a-model.md': [/^apiVersion/],
  'docs/kafka.md': [/^sources:/],
  'docs/configuration.md': [/^- \{name: maria/],
  'docs/grafana.md': [/^ +scrape_configs:/, /^# prometheus\.yml/],
  'docs/slack.md': [/^ +display_information:/],
}

test('every other piece of configuration in the documentation is valid in its place', () => {
  const channel = { type: 'slack', tokenFile: '/run/secrets/slack', channel: '#ml-alerts' }
  for (const page of pages) {
    const elsewhere = readElsewhere[page] ?? []
    for (const block of blocksOf(textOf(page), 'yaml').filter((one) => !elsewhere.some((form) => form.test(one)))) {
      const whole = parse(documentText()) as Record<string, Record<string, object>>
      const { models, ...given } = parse(block) as Record<string, Record<string, object>>
      const { performance, ...sections } = given
      const model = {
        ...whole['models']?.['credit-risk'],
        ...models?.['credit-risk'],
        ...(performance && { performance }),
      }
      const channels = { 'ml-team': channel, 'on-call': channel }
      const text = JSON.stringify({ ...whole, channels, ...sections, models: { 'credit-risk': model } })
      assert.doesNotThrow(() => readDocument(text, page), `${page}:\n${block}`)
    }
  }
})

test('pictures are there and are told in words, and every one is used', () => {
  const used = new Set<string>()
  for (const page of pages) {
    const text = textOf(page)
    const pictures = [
      ...[...text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(([, words = '', file = '']) => [words, file] as const),
      ...[...text.matchAll(/<img src="([^"]+)"[^>]* alt="([^"]*)"/g)].map(
        ([, file = '', words = '']) => [words, file] as const,
      ),
    ]
    for (const [words, file] of pictures) assert.ok(words.length > 20, `${page}: ${file} is not told in words`)
    const sources = [...text.matchAll(/srcset="([^"]+)"/g)].map(([, file = '']) => file)
    for (const file of [...pictures.map(([, one]) => one), ...sources]) {
      assert.ok(existsSync(join(root, dirname(page), file)), `${page} shows ${file}, which is not there`)
      used.add(basename(file))
    }
  }
  for (const file of globSync('docs/images/*', { cwd: root }).map((one) => basename(one)))
    assert.ok(used.has(file), `docs/images/${file} is on no page`)
})

test('the page about the API is what the daemon says of itself, and no page names an address that is not there', () => {
  assert.equal(textOf('docs/api.md'), apiPage(), 'write it anew with: npm run schema')
  assert.match(apiPage(), /`show`: [^<]*needYou, watch,[^<]*<br>/, 'what may be said stands there')
  const form = (path: string) => path.replace(/\{\w+\}/g, 'X')
  const known = new Set(Object.keys(api.paths).map(form))
  for (const page of [...pages, 'CHANGELOG.md'].filter((one) => one !== 'docs/api.md')) {
    for (const [whole] of textOf(page).matchAll(/\/api\/v1\/[\w/{}.-]+/g)) {
      const path = form(
        whole.replace(/[.}]+$/, (end) => (end.startsWith('}') ? '}' : '')).replace(/\/[A-Z]{2,}(?=\/|$)/g, '/X'),
      )
      assert.ok(known.has(path), `${page} names ${whole}`)
    }
  }
})

test('every variable of the environment is told, and there are no others', () => {
  const configuration = textOf('docs/configuration.md')
  const ofCommands = ['LEEWAY_ADDRESS', 'LEEWAY_API_TOKEN', 'LEEWAY_API_TOKEN_FILE']
  const known = [...Object.values(settingsSchema).map(({ env }) => env), ...ofCommands]
  for (const name of known)
    assert.ok(configuration.includes(`\`${name}\``), `docs/configuration.md does not tell ${name}`)
  for (const page of pages.filter((one) => one !== 'CONTRIBUTING.md')) {
    for (const [name] of textOf(page).matchAll(/\bLEEWAY_[A-Z_]+/g))
      assert.ok(known.includes(name) || page === 'docs/orchestrators.md', `${page} names ${name}`)
  }
})
