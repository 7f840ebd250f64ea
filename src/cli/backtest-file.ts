// What `leeway backtest -o` writes.

import { writeFileSync } from 'node:fs'
import { uiAssets } from '../assembly/ui-assets.ts'
import type { BacktestView } from '../overview/backtest.ts'
import { backtestHtml, tuningSvg } from '../ui/report/backtest.ts'

/** @param file ends in .html, or, of one rule, in .svg */
export async function writeBacktest(views: readonly BacktestView[], file: string): Promise<void> {
  const { files } = await uiAssets()()
  const [, style] = [...files].find(([name]) => /^style-.*\.css$/.test(name)) ?? []
  if (style === undefined) throw new Error('the style sheet of the UI is not in what was built: npm run build')
  const tuning = views[0]?.tuning
  const text = file.endsWith('.svg') && tuning != null ? tuningSvg(tuning, style) : backtestHtml(views, style)
  writeFileSync(file, text)
}
