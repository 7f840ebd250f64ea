// The report in a real browser: for everybody, in both themes, on a telephone and on paper.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { writeMovingModel } from '../build/moving-model.ts'
import { assertAccessible, assertNoSidewaysScroll, tabThrough } from './accessible.ts'
import { newPage, schemes, sizes } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'
import { reportOf, serveReport } from './report-page.ts'

const options = { skip: skipWithoutChromium, timeout: 120_000 }
const folder = mkdtempSync(join(tmpdir(), 'leeway-report-'))
after(() => rmSync(folder, { recursive: true }))
const served = new Map<string, Awaited<ReturnType<typeof serveReport>>>()
after(() => {
  for (const { close } of served.values()) close()
})
const addressOf = (name: string) => served.get(name)?.address ?? ''

before(async () => {
  if (skipWithoutChromium !== false) return
  served.set('california', await serveReport(await reportOf('examples/california/leeway.yaml')))
  served.set('markup', await serveReport(await reportOf(writeMovingModel(folder))))
})

for (const name of ['california', 'markup'])
  for (const size of Object.keys(sizes) as Array<keyof typeof sizes>)
    for (const scheme of schemes)
      test(`the report of ${name} is for everybody: ${size}, ${scheme}`, options, async () => {
        const watched = await newPage(addressOf(name), { size, scheme })
        await watched.open('/')
        const open = (most: number) =>
          watched.page.evaluate((count) => {
            for (const details of [...document.querySelectorAll('details')].slice(0, count)) details.open = true
          }, most)
        await assertNoSidewaysScroll(watched.page, name)
        await open(1)
        await assertAccessible(watched.page, name)
        await open(Number.MAX_SAFE_INTEGER)
        await assertNoSidewaysScroll(watched.page, `${name}, with all tables`)
        assert.deepEqual(
          watched.requests.filter((url) => !url.endsWith('/favicon.ico')),
          [`${addressOf(name)}/`],
        )
        watched.assertClean()
        await watched.close()
      })

test('the report is gone through by keyboard alone', options, async () => {
  const watched = await newPage(addressOf('california'))
  await watched.open('/')
  const names = (await tabThrough(watched.page, 'the report')).map(({ name }) => name)
  for (const wanted of ['Performance', 'Drift', 'Incidents', 'Table']) assert.ok(names.includes(wanted), wanted)
  watched.assertClean()
  await watched.close()
})

test('names that are markup are read as they were written', options, async () => {
  const watched = await newPage(addressOf('markup'))
  await watched.open('/')
  const text = await watched.page.locator('main').innerText()
  assert.ok(text.includes('<img src=x onerror="steal()">'))
  assert.equal(await watched.page.locator('img, script').count(), 0)
  watched.assertClean()
  await watched.close()
})

test('on paper it is light, and needs few sheets', options, async () => {
  const watched = await newPage(addressOf('california'), { scheme: 'dark' })
  await watched.open('/')
  const { page } = watched
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  const pdf = await page.pdf({ preferCSSPageSize: true })
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
  assert.ok(sheets >= 2 && sheets <= 9, `${sheets} sheets`)
  assert.match(pdf.toString('latin1'), /\/MediaBox \[0 0 59[45]\.?\d* 84[12]/)
  watched.assertClean()
  await watched.close()
})
