// Every view, with an address that has something to show.

import type { Page } from 'playwright-core'
import { markup } from './rows.ts'
import type { World } from './world.ts'

export interface Stop {
  /** As `src/ui/views.ts` has it. */
  readonly pattern: string
  /** What is to be seen there. */
  readonly what: string
  readonly address: string
  /** Its first heading. */
  readonly heading: RegExp
  /** Name of its picture; left out: the documentation shows none. */
  readonly picture?: string
}

const at = (...parts: readonly string[]) => `/ui/${parts.map(encodeURIComponent).join('/')}`

export async function tourOf(_world: World): Promise<readonly Stop[]> {
  return [{ pattern: '', what: 'the fleet', address: at(), heading: /fleet/i, picture: 'fleet' }]
}

/** The same for the model whose every string is markup. */
export async function markupTourOf(_world: World): Promise<readonly Stop[]> {
  const { model } = markup
  return [{ pattern: '', what: 'the fleet', address: at(), heading: /fleet/i }].map((stop) => ({
    ...stop,
    what: `${stop.what} of ${model}`,
  }))
}

/** What a page must not have, wherever its strings come from. */
export function foreignElements(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'img, iframe, object, embed, base, audio, video, form[action], a[href^="javascript"], [srcdoc]',
      ),
    ]
      .concat([...document.scripts].filter((script) => !script.src.startsWith(`${location.origin}/`)))
      .concat(
        [...document.querySelectorAll('*')].filter((one) =>
          [...one.attributes].some(({ name }) => name.startsWith('on')),
        ),
      )
      .map((one) => one.outerHTML.slice(0, 200)),
  )
}
