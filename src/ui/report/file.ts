// A page as a file of its own: it runs nothing and fetches nothing, wherever it is opened.

import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'

import { html } from '../html.ts'

/** @param style sheet, to stand in the file */
export function pageFile(title: string, style: string, content: VNode): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${render(html`<title>${title}</title>`)}
<style>
${style.replaceAll('</', '<\\/')}
</style>
</head>
<body>
${render(content)}
</body>
</html>
`
}
