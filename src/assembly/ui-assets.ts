// The files of the web UI: of a package they are there; from a checkout they are made when they are first asked for.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HttpError } from '../http/route.ts'
import type { UiAssets } from '../http/ui-routes.ts'
import type { Asset } from '../ui/bundle.ts'
import { bundle, pageOf } from '../ui/bundle.ts'

/** @returns reads or makes them once */
export function uiAssets(): () => Promise<UiAssets> {
  let made: Promise<UiAssets> | undefined
  return () => {
    made ??= load().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

async function load(): Promise<UiAssets> {
  const assets = packaged() ?? (await bundled())
  const files = new Map(assets.map(({ name, text }) => [name, text]))
  return { files, page: (up) => pageOf([...files.keys()], up) }
}

function packaged(): Asset[] | undefined {
  const folder = fileURLToPath(new URL('../ui/assets/', import.meta.url))
  if (!existsSync(folder)) return undefined
  return readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

async function bundled(): Promise<readonly Asset[]> {
  return bundle().catch((error: Error) => {
    throw new HttpError(
      503,
      `the web UI could not be made from its sources: ${error.message.split('\n')[0]}; install with development packages (npm ci), or run a built package (npm run build)`,
    )
  })
}
