// The web UI as people meet it: in a real browser, with a daemon that reads real Kafka.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Response } from 'playwright-core'
import { views } from '../../src/ui/views.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { assertAccessible, assertNoSidewaysScroll, tabThrough } from './accessible.ts'
import type { Size } from './browser.ts'
import { newPage, schemes, sizes } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'
import { dimensionsOf, pictureOfDemo, pictureOfPage } from './pictures.ts'
import { foreignElements, tourOf } from './tour.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

const skip = skipWithoutKafka || skipWithoutChromium
const SCRIPT_MAX_BYTES = 60 * 1024
const PAGE_MAX_BYTES = 1_000_000
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

describe('the web UI', { skip, timeout: 300_000 }, () => {
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
        const watched = await newPage(world.address)
        const { page } = watched
        await watched.open(address)
        assert.match((await page.locator('h1').first().textContent()) ?? '', heading)
        for (const [size, viewport] of Object.entries(sizes)) {
          await page.setViewportSize(viewport)
          await assertNoSidewaysScroll(page, `${what}, ${size}`)
          for (const colorScheme of schemes) {
            await page.emulateMedia({ colorScheme })
            await assertAccessible(page, `${what}, ${size}, ${colorScheme}`)
          }
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
    assert.ok(width > 1_000 && height > 500, `${width} x ${height}`)
  })
})
