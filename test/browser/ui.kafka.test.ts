// The web UI as people meet it: in a real browser, with a daemon that reads real Kafka.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Response } from 'playwright-core'
import { views } from '../../src/ui/views.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { assertAccessible, assertNoSidewaysScroll, tabThrough } from './accessible.ts'
import type { Size } from './browser.ts'
import { newPage, sizes } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'
import { dimensionsOf, pictureOfDemo, pictureOfPage } from './pictures.ts'
import { foreignElements, markupTourOf, tourOf } from './tour.ts'
import { standStill, takeAlong, walkByKeys, walkByMouse, watchLive } from './walks.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

const skip = skipWithoutKafka || skipWithoutChromium
const SCRIPT_MAX_BYTES = 60 * 1024
const PAGE_MAX_BYTES = 1_000_000
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

describe('the web UI', { skip, timeout: 600_000 }, () => {
  let world: World
  before(async () => {
    world = await startWorld()
  })
  after(() => world?.close())

  test('the page has a policy that lets nothing in but its own files, which are small', async () => {
    const answer = await fetch(`${world.address}/ui/`)
    assert.equal(answer.headers.get('content-security-policy'), policy)
    const files = [...(await answer.text()).matchAll(/(?:href|src)="([^"]+)"/g)].map((found) => found[1] as string)
    const sizeOf = async (file: string) => gzipSync(await (await fetch(new URL(file, answer.url))).text()).length
    const bytes = await Promise.all(files.map(async (file) => ({ file, size: await sizeOf(file) })))
    const script = bytes.filter(({ file }) => file.endsWith('.js')).reduce((sum, { size }) => sum + size, 0)
    assert.ok(script > 5_000 && script <= SCRIPT_MAX_BYTES, `${script} bytes of script`)
    assert.ok(
      bytes.every(({ size }) => size > 100),
      JSON.stringify(bytes),
    )
  })

  test('every view is looked at', async () => {
    const patterns = (await tourOf(world)).map(({ pattern }) => pattern)
    assert.deepEqual([...new Set(patterns)].sort(), views.map(({ pattern }) => pattern).sort())
  })

  test('every view is for everybody: wide and narrow, light and dark, by keyboard', async (t) => {
    for (const { what, address, heading } of await tourOf(world)) {
      await t.test(what, async () => {
        const watched = await newPage(world.address, { session: world.session('approver') })
        const { page } = watched
        await watched.open(address)
        assert.match((await page.locator('h1').first().textContent()) ?? '', heading)
        for (const [size, viewport] of Object.entries(sizes)) {
          await page.setViewportSize(viewport)
          await assertNoSidewaysScroll(page, `${what}, ${size}`)
          await page.emulateMedia({ colorScheme: 'dark' })
          await assertAccessible(page, `${what}, ${size}, dark`, 'contrast')
          await page.emulateMedia({ colorScheme: 'light' })
          await assertAccessible(page, `${what}, ${size}, light`)
          await tabThrough(page, `${what}, ${size}`)
          const picture = dimensionsOf(await pictureOfPage(page, size as Size))
          assert.ok(picture.width === viewport.width && picture.height > 200, JSON.stringify(picture))
        }
        assert.deepEqual(await foreignElements(page), [])
        watched.assertClean()
        await watched.close()
      })
    }
  })

  test('what events and people say is text, whatever it says', async (t) => {
    const stops = await markupTourOf(world)
    assert.deepEqual(
      [...new Set(stops.map(({ pattern }) => pattern))].sort(),
      views.map(({ pattern }) => pattern).sort(),
    )
    for (const { what, address, heading } of stops) {
      await t.test(what, async () => {
        const watched = await newPage(world.address, { session: world.session('approver') })
        const { page } = watched
        await watched.open(address)
        assert.match((await page.locator('h1').first().textContent()) ?? '', heading)
        // All that is folded, too.
        await page.evaluate(() => {
          for (const fold of document.querySelectorAll('details')) fold.open = true
        })
        await watched.settled()
        assert.deepEqual(await foreignElements(page), [])
        await page.setViewportSize(sizes.narrow)
        await assertNoSidewaysScroll(page, `${what}, whose strings are long`)
        await assertAccessible(page, what)
        watched.assertClean()
        await watched.close()
      })
    }
  })

  test('what a link leads to is what its address opens, and the way back leads through the same pages', () =>
    walkByMouse(world))

  test('the fleet, a cell of the heat map, a part of a chart and its table are reached by keys alone', () =>
    walkByKeys(world))

  test('every chart can be taken along, as a picture and as its numbers', () => takeAlong(world))

  test('who wants less motion gets none', () => standStill(world))

  test('a comment and new windows show while somebody looks, without loading the page again', async () => {
    const { id } = await world.incidentOf('california', 'performance')
    await watchLive(world, id)
  })

  test('no view brings a megabyte', async () => {
    const watched = await newPage(world.address)
    for (const { what, address } of await tourOf(world)) {
      const sizes: Array<Promise<number>> = []
      const count = (response: Response) => {
        // That one has no end.
        if (response.url().endsWith('/live')) return
        sizes.push(
          response.body().then(
            ({ length }) => length,
            () => 0,
          ),
        )
      }
      watched.page.on('response', count)
      await watched.open(address)
      watched.page.off('response', count)
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
      assert.ok(bytes > 1_000 && bytes < PAGE_MAX_BYTES, `${what}: ${bytes} bytes`)
    }
    watched.assertClean()
    await watched.close()
  })

  test("the demo's last screen makes a picture", async () => {
    const { width, height } = dimensionsOf(await pictureOfDemo(world))
    assert.ok(width > 900 && height > 500, `${width} x ${height}`)
  })
})
