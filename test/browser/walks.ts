// Ways through the UI: by links and by keys, to what can be taken along, and what comes by itself.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { focusOf, tabTo } from './accessible.ts'
import type { WatchedPage } from './browser.ts'
import { newPage } from './browser.ts'
import type { World } from './world.ts'

/** What a screen reader would read of the content, without how long ago it was. */
async function contentOf(page: Page): Promise<string> {
  const text = await page.locator('main').ariaSnapshot()
  return text.replace(/\d+ (s|min|h)\b/g, 'a while')
}

async function assertSameAsOpened(world: World, { page }: WatchedPage): Promise<void> {
  const url = new URL(page.url())
  const other = await newPage(world.address)
  await other.open(url.pathname + url.search)
  assert.equal(await contentOf(other.page), await contentOf(page), url.href)
  other.assertClean()
  await other.close()
}

const headingOf = (page: Page) => page.locator('h1').first()

/** Follows links by mouse; what is seen is what its address opens, and the way back leads through the same pages. */
export async function walkByMouse(world: World): Promise<void> {
  const watched = await newPage(world.address)
  const { page } = watched
  const follow = async (name: RegExp, heading: RegExp) => {
    await page.locator('main').getByRole('link', { name }).first().click()
    await headingOf(page).filter({ hasText: heading }).waitFor()
    await watched.settled()
    await assertSameAsOpened(world, watched)
  }
  await watched.open('/ui/')
  await follow(/^california/, /^california/)
  await follow(/^features$/, /^california/)
  await follow(/^Longitude$/, /^Longitude/)
  await follow(/^by value$/, /^Longitude/)
  await follow(/^segments$/, /^Segments of/)
  await follow(/^incidents$/, /^Incidents/)
  await follow(/ROC AUC 0/, /california 7: ROC AUC/)
  const asked = watched.requests.filter((url) => url.endsWith('/ui/')).length
  for (const heading of [/^Incidents/, /^Segments of/, /^Longitude/]) {
    await page.goBack()
    await headingOf(page).filter({ hasText: heading }).waitFor()
  }
  await page.goForward()
  await headingOf(page)
    .filter({ hasText: /^Segments of/ })
    .waitFor()
  assert.equal(watched.requests.filter((url) => url.endsWith('/ui/')).length, asked, 'the page was loaded again')
  watched.assertClean()
  await watched.close()
}

/** Waits until its text is another. */
async function becomesAnother(part: Locator, before: string, message: string): Promise<void> {
  const deadline = performance.now() + 5_000
  while ((await part.innerText()) === before) assert.ok(performance.now() < deadline, message)
}

/** From the fleet to the numbers behind a chart without a mouse. */
export async function walkByKeys(world: World): Promise<void> {
  const watched = await newPage(world.address, { size: 'narrow' })
  const { page } = watched
  const { keyboard } = page
  const enter = async (name: RegExp, heading: RegExp) => {
    await tabTo(page, name)
    await keyboard.press('Enter')
    await headingOf(page).filter({ hasText: heading }).waitFor()
    await watched.settled()
  }
  await watched.open('/ui/')
  await tabTo(page, /^Window$/)
  await keyboard.press('Tab')
  for (let rows = 0; rows < 10 && !/^california/.test((await focusOf(page))?.name ?? ''); rows++)
    await keyboard.press('ArrowDown')
  await enter(/^california/, /^california/)
  const read = page.locator('.heat-map, .figure').filter({ hasText: 'Drift and data quality' })
  await tabTo(page, /^Latitude · /)
  for (const key of ['ArrowDown', 'ArrowLeft']) {
    const before = await read.innerText()
    await keyboard.press(key)
    await becomesAnother(read, before, `the cell of the heat map is not told after ${key}`)
  }
  await keyboard.press('Enter')
  await page.waitForURL(/\/features\//)
  await watched.settled()
  await tabTo(page, /^[^,]+, part by part$/)
  const chart = page.locator('.figure').first()
  const told = await chart.innerText()
  await keyboard.press('ArrowRight')
  await becomesAnother(chart, told, 'the part of the chart is not told')
  await tabTo(page, /^Table$/)
  await keyboard.press('Enter')
  await chart.getByRole('table').waitFor()
  watched.assertClean()
  await watched.close()
}

/** Every chart of a page can be taken along, as a picture and as its numbers. */
export async function takeAlong(world: World): Promise<void> {
  const watched = await newPage(world.address)
  const { page } = watched
  await watched.open('/ui/models/california')
  // Those that are folded away are opened by whoever wants them.
  const figures = page.locator('figure.figure:visible')
  assert.ok((await figures.count()) >= 4)
  for (const figure of await figures.all()) {
    await figure.locator('summary').first().click()
    await figure.locator('table').waitFor()
    const rows = await figure.locator('table tr').count()
    const saved = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        figure.getByRole('button', { name }).first().click(),
      ])
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
    }
    const csv = await saved('Download CSV')
    assert.match(csv.name, /^california-[\w.-]+\.csv$/)
    assert.equal(csv.text.trimEnd().split('\r\n').length, rows, csv.name)
    const svg = await saved('Download SVG')
    assert.match(svg.name, /\.svg$/)
    const problem = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml')
      return parsed.querySelector('parsererror')?.textContent ?? parsed.querySelector('script')?.outerHTML
    }, svg.text)
    assert.equal(problem, undefined, svg.name)
    assert.match(svg.text, /^<svg[^>]* xmlns=/)
    assert.match(svg.text, /fill="rgb/)
  }
  watched.assertClean()
  await watched.close()
}

/** What happens while somebody looks is shown, without loading the page again. */
export async function watchLive(world: World, incident: string): Promise<void> {
  const [first, second] = [await newPage(world.address), await newPage(world.address)]
  const live = ({ page }: WatchedPage) => page.locator('button.live', { hasText: 'live' }).waitFor()
  await first.open(`/ui/incidents/${incident}`)
  await second.open('/ui/models/california')
  await Promise.all([live(first), live(second)])
  const text = `seen <b>live</b> ${Date.now()}`
  await world.ask(`incidents/${incident}/comments`, { text })
  await first.page.getByText(text).first().waitFor()
  const newest = second.page.locator('.basis time').first()
  const before = await newest.getAttribute('datetime')
  await world.sendMoreHouses()
  await second.page.waitForFunction(
    (earlier) => document.querySelector('.basis time')?.getAttribute('datetime') !== earlier,
    before,
    { timeout: 30_000 },
  )
  for (const watched of [first, second]) {
    assert.equal(watched.requests.filter((url) => url.includes('/ui/assets/main')).length, 1)
    watched.assertClean()
    await watched.close()
  }
}

/** Who asked the system for less motion gets none. */
export async function standStill(world: World): Promise<void> {
  const watched = await newPage(world.address, { reducedMotion: true })
  await watched.open('/ui/models/california')
  const moving = await watched.page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element)
        return animationName !== 'none' || transitionDuration.split(', ').some((one) => one !== '0s')
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  )
  assert.deepEqual(moving, [])
  await watched.close()
}
