// The UI as a browser takes it: one script, one style sheet, one sign; each with a name that changes when its content does.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file under `/ui/assets/`. */
export interface Asset {
  /** `main-4XQ2ZK.js` */
  readonly name: string
  readonly text: string
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Made by esbuild, from a checkout only: what is installed brings the files along. @throws Error when esbuild is not there */
export async function bundle(): Promise<readonly Asset[]> {
  const { build, stop } = await import('esbuild')
  try {
    const { outputFiles } = await build({
      entryPoints: { main: here('main.ts'), style: here('style.css'), report: here('report/report.css') },
      ...{ bundle: true, minify: true, format: 'esm', target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'] },
      ...{
        entryNames: '[name]-[hash]',
        outdir: here('assets'),
        write: false,
        legalComments: 'none',
        logLevel: 'silent',
      },
    })
    const sign = readFileSync(here('favicon.svg'), 'utf8')
    const hash = createHash('sha256').update(sign).digest('hex').slice(0, 8)
    return [
      ...outputFiles.map(({ path, text }) => ({ name: basename(path), text })),
      { name: `favicon-${hash}.svg`, text: sign },
    ]
  } finally {
    await stop()
  }
}

/** The page around them. @param assets their names @param up from the page's address to the UI's root: `./`, `../` */
export function pageOf(assets: readonly string[], up: string): string {
  const named = (start: string) => assets.find((name) => name.startsWith(`${start}-`) && extname(name) !== '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Leeway</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${up}assets/${named('favicon')}" type="image/svg+xml">
<link rel="stylesheet" href="${up}assets/${named('style')}">
<script type="module" src="${up}assets/${named('main')}"></script>
</head>
<body><div id="app"></div><noscript>This page needs JavaScript. What it shows can also be read at api/v1/, and with the leeway command.</noscript></body>
</html>
`
}
