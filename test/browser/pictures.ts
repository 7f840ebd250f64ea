// Pictures of every view, and of the demo's last screen, as the documentation shows them.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { bin } from '../build/state.ts'
import type { Scheme, Size } from './browser.ts'
import { newPage, sizes } from './browser.ts'
import { reportOf, serveReport } from './report-page.ts'
import type { Stop } from './tour.ts'
import { tourOf } from './tour.ts'
import type { World } from './world.ts'

export interface Picture {
  /** Without its ending. */
  readonly name: string
  readonly png: Buffer
}

export const picturesFolder = join(import.meta.dirname, '..', '..', 'docs', 'images')
/** Larger than the window, where the view is: what a page shows first is what a picture is of. */
const HEIGHT_MIN = 320
const REPORT_WIDTH = 960
const HEIGHT_MAX = { wide: 1080, narrow: 1400 } as const
/** In the documentation: the page without its margins. */
const WIDTHS = { wide: 1280, narrow: sizes.narrow.width } as const
/** Which pictures there are besides the light and wide one. */
const alsoDark = ['fleet', 'model']
const alsoNarrow = ['fleet', 'incident']

/** @param of names of pictures that are wanted; left out: all */
export async function* takePictures(world: World, of?: RegExp): AsyncGenerator<Picture> {
  for (const stop of await tourOf(world)) {
    if (stop.picture === undefined) continue
    const kinds: ReadonlyArray<readonly [Size, Scheme, string]> = [
      ['wide', 'light', ''],
      ...(alsoDark.includes(stop.picture) ? [['wide', 'dark', '-dark'] as const] : []),
      ...(alsoNarrow.includes(stop.picture) ? [['narrow', 'light', '-narrow'] as const] : []),
    ]
    for (const [size, scheme, suffix] of kinds) {
      const name = `${stop.picture}${suffix}`
      if (of === undefined || of.test(name)) yield { name, png: await pictureOf(world, stop, size, scheme) }
    }
  }
  if (of === undefined || of.test('report')) yield { name: 'report', png: await pictureOfReport() }
  if (of === undefined || of.test('demo')) yield { name: 'demo', png: await pictureOfDemo(world) }
}

async function pictureOf(world: World, stop: Stop, size: Size, scheme: Scheme): Promise<Buffer> {
  const watched = await newPage(world.address, {
    size,
    scheme,
    reducedMotion: true,
    session: world.session('approver'),
  })
  await watched.open(stop.address)
  const png = await pictureOfPage(watched.page, size, WIDTHS[size])
  watched.assertClean()
  await watched.close()
  return png
}

/** The report of the demo's data. */
async function pictureOfReport(): Promise<Buffer> {
  const { address, close } = await serveReport(await reportOf('examples/california/leeway.yaml'))
  const watched = await newPage(address, { reducedMotion: true })
  try {
    await watched.page.setViewportSize({ width: REPORT_WIDTH, height: HEIGHT_MAX.wide })
    await watched.open('/')
    watched.assertClean()
    return await watched.page.screenshot({ animations: 'disabled', caret: 'hide' })
  } finally {
    await watched.close()
    close()
  }
}

/** The page as high as it is, within reason. */
export async function pictureOfPage(page: Page, size: Size, width: number = sizes[size].width): Promise<Buffer> {
  await page.evaluate(async () => {
    const active = document.activeElement as HTMLElement | null
    active?.blur()
    scrollTo(0, 0)
    await document.fonts.ready
  })
  await page.mouse.move(0, 0)
  await page.setViewportSize({ width, height: HEIGHT_MIN })
  const height = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.min(height, HEIGHT_MAX[size]) })
  return page.screenshot({ animations: 'disabled', caret: 'hide' })
}

/** Width and height in pixels. @throws AssertionError when it is no picture */
export function dimensionsOf(png: Buffer): { width: number; height: number } {
  assert.equal(png.subarray(1, 4).toString(), 'PNG')
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) }
}

/** What the terminal shows when `leeway demo` has come to its end. */
function demoScreen(): Promise<string> {
  const demo = spawn(process.execPath, [bin, 'demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let text = ''
    demo.stdout.on('data', (piece: Buffer) => {
      text += piece.toString()
      if (text.includes('Ctrl-C ends the demo')) demo.kill('SIGINT')
    })
    demo.once('error', reject)
    demo.once('exit', (code) =>
      text.includes('Ctrl-C ends the demo')
        ? resolve(text)
        : reject(new Error(`the demo ended with ${code}:\n${text}`)),
    )
  })
}

const terminal = `body { margin: 0; padding: 13px 16px; background: #11171d }
pre { margin: 0; font: 13px/1.45 "DejaVu Sans Mono", monospace; color: #d5dde5; white-space: pre-wrap; overflow-wrap: anywhere }`

export async function pictureOfDemo(world: World): Promise<Buffer> {
  // Ports and folders are other ones each time.
  const screen = (await demoScreen())
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:9464')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  const watched = await newPage(world.address)
  const { page } = watched
  await page.setContent('<!doctype html><html lang="en"><title>leeway demo</title><body><pre></pre>')
  await page.addStyleTag({ content: terminal })
  await page.evaluate((text) => {
    const pre = document.querySelector('pre') as HTMLPreElement
    pre.textContent = text
  }, screen)
  await showEnd(page)
  const png = await page.screenshot()
  await watched.close()
  return png
}

/** As a terminal of 120 columns and 42 lines stands when everything has been printed. */
async function showEnd(page: Page): Promise<void> {
  await page.setViewportSize({ width: 975, height: 832 })
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
}
