// The web UI: one page for every address under /ui/, and the files that it loads. They hold no data, so everybody who reaches the
// port may have them; what they show is asked of the API.

import type { Answer, ReadRoute } from './route.ts'
import { HttpError } from './route.ts'

export interface UiAssets {
  /** By name. */
  readonly files: ReadonlyMap<string, string>
  /** The page. @param up from its address to the UI's root: `./`, `../../` */
  page(up: string): string
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** @param assets made, or read, when they are first asked for */
export function uiRoutes(assets: () => Promise<UiAssets>): readonly ReadRoute[] {
  const open = { method: 'GET', needs: 'open' } as const
  const toUi = (to: string) => (): Answer => ({ status: 302, type: 'text/plain', body: '', headers: { location: to } })
  return [
    { ...open, path: '/', query: {}, handle: toUi('ui/') },
    {
      ...open,
      path: '/ui/assets/{name}',
      query: {},
      handle: async ({ parameters }) => asset(await assets(), parameters['name'] as string),
    },
    {
      ...open,
      path: '/ui/{place...}',
      query: 'any',
      handle: async ({ path }) => {
        if (path === '/ui') return toUi('ui/')()
        return {
          status: 200,
          type: 'text/html; charset=utf-8',
          body: (await assets()).page(rootFrom(path)),
          headers: { 'cache-control': 'no-cache' },
        }
      },
    },
  ]
}

/** Whatever a proxy has put before `/ui/`: from `/ui/models/a` the UI's root is `../`. */
function rootFrom(path: string): string {
  return `./${'../'.repeat(path.split('/').length - 3)}`
}

function asset({ files }: UiAssets, name: string): Answer {
  const body = files.get(name)
  if (body === undefined) throw new HttpError(404, `the web UI has no file ${name.slice(0, 100)}; load the page again`)
  const type = types[name.split('.').at(-1) ?? ''] ?? 'text/plain'
  // Its name changes when its content does.
  return { status: 200, type, body, headers: { 'cache-control': 'public, max-age=31536000, immutable' } }
}
