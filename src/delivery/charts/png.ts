// Charts as images: SVG to PNG by resvg, which is WebAssembly, so that it needs no build and no worker.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Chart } from './chart.ts'

/** Pixels of the image for each of the drawing: sharp on a telephone. */
const SCALE = 2

type Renderer = typeof import('@resvg/resvg-wasm')

interface Tools {
  readonly renderer: Renderer
  readonly fonts: readonly Uint8Array[]
}

let tools: Promise<Tools> | undefined

/** Loaded by the first chart: a start need not wait for it. One that fails is tried anew by the next chart. */
async function load(): Promise<Tools> {
  const renderer = await import('@resvg/resvg-wasm')
  const code = await readFile(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'))
  const font = (name: string) => readFile(new URL(`fonts/${name}.otf`, import.meta.url))
  const fonts = await Promise.all([font('Inter-Regular'), font('Inter-SemiBold')])
  // Last, for it can be done once.
  await renderer.initWasm(code)
  return { renderer, fonts }
}

/**
 * Draws a chart. Each of its two steps takes the event loop for 10 to 20 ms, with a turn of its own.
 *
 * @throws Error when it cannot be drawn
 */
export async function pngOf({ svg, width }: Pick<Chart, 'svg' | 'width'>): Promise<Uint8Array> {
  tools ??= load().catch((error) => {
    tools = undefined
    throw error
  })
  const { renderer, fonts } = await tools
  await nextTurn()
  const drawing = new renderer.Resvg(svg, {
    font: { fontBuffers: [...fonts], defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
    fitTo: { mode: 'width', value: width * SCALE },
  })
  try {
    await nextTurn()
    const image = drawing.render()
    try {
      await nextTurn()
      // A copy: what it gives out lies in its own memory, which the next drawing uses.
      return Uint8Array.from(image.asPng())
    } finally {
      image.free()
    }
  } finally {
    drawing.free()
  }
}
