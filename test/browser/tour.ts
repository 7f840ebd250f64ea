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

/** A page of a model; `page` as its address ends. */
function ofModel(page: string, what: string, model: string, heading: RegExp, picture?: string): Stop {
  const stop = { pattern: `models/:model${page}`, what, address: `${at('models', model)}${page}`, heading }
  return picture === undefined ? stop : { ...stop, picture }
}

interface Listed {
  readonly id: string
  readonly kind: string
}

/** The newest incident of a model, of a kind. */
async function incidentOf({ ask }: World, model: string, kind: string): Promise<string> {
  const { incidents } = await ask<{ incidents: Listed[] }>(`incidents?${new URLSearchParams({ model, kind })}`)
  return incidents[0]?.id as string
}

export async function tourOf(world: World): Promise<readonly Stop[]> {
  const incident = await incidentOf(world, 'california', 'performance')
  return [
    { pattern: '', what: 'the fleet', address: at(), heading: /Fleet/, picture: 'fleet' },
    ofModel('', 'a model', 'california', /^california/, 'model'),
    ofModel('', 'a model of values', 'bike-rental', /^bike-rental/),
    ofModel('', 'a model that waits', 'not-yet-live', /^not-yet-live/),
    ofModel('/features', 'its features', 'california', /^california/, 'features'),
    {
      pattern: 'models/:model/features/:feature',
      what: 'a feature of numbers',
      address: at('models', 'california', 'features', 'MedInc'),
      heading: /^MedInc/,
      picture: 'feature',
    },
    {
      pattern: 'models/:model/features/:feature',
      what: 'a feature of kinds',
      address: at('models', 'bike-rental', 'features', 'season'),
      heading: /^season/,
      picture: 'feature-of-kinds',
    },
    ofModel('/segments', 'segments', 'california', /^Segments of california/, 'segments'),
    { pattern: 'system', what: 'the system', address: at('system'), heading: /System/, picture: 'system' },
    { pattern: 'incidents', what: 'incidents', address: at('incidents'), heading: /Incidents/, picture: 'incidents' },
    {
      pattern: 'incidents/:id',
      what: 'an incident',
      address: at('incidents', incident),
      heading: /california 7: ROC AUC/,
      picture: 'incident',
    },
    { pattern: 'silences', what: 'silences', address: at('silences'), heading: /Silences/ },
    ofModel('/references', 'references', 'california', /^References of california/, 'references'),
    {
      pattern: 'models/:model/backtest',
      what: 'a rule under another threshold',
      address: `${at('models', 'california', 'backtest')}?${new URLSearchParams({ monitor: 'performance/roc_auc', threshold: '0.06' })}`,
      heading: /Backtest of california/,
      picture: 'backtest',
    },
    {
      pattern: 'models/:model/segments',
      what: 'one of many segments',
      address: `${at('models', 'adult', 'segments')}?${new URLSearchParams({ metric: 'accuracy', segment: 'workclass=Private' })}`,
      heading: /Segments of adult/,
    },
  ]
}

/** The same for the model whose every string is markup. */
export async function markupTourOf(world: World): Promise<readonly Stop[]> {
  const { model } = markup
  const incident = await incidentOf(world, model, 'drift')
  return [
    { pattern: '', what: 'the fleet', address: at(), heading: /Fleet/ },
    ofModel('', 'a model', model, /<img src=x/),
    ofModel('/features', 'its features', model, /<img src=x/),
    {
      pattern: 'models/:model/features/:feature',
      what: 'a feature',
      address: at('models', model, 'features', markup.features[0]),
      heading: /<script>/,
    },
    {
      pattern: 'models/:model/features/:feature',
      what: 'its categories',
      address: at('models', model, 'features', 'kind'),
      heading: /^kind/,
    },
    ofModel('/segments', 'segments', model, /^Segments of <img src=x/),
    { pattern: 'system', what: 'the system', address: at('system'), heading: /System/ },
    {
      pattern: 'incidents',
      what: 'incidents',
      address: `${at('incidents')}?${new URLSearchParams({ model })}`,
      heading: /Incidents/,
    },
    { pattern: 'incidents/:id', what: 'an incident', address: at('incidents', incident), heading: /<img src=x/ },
    { pattern: 'silences', what: 'silences', address: at('silences'), heading: /Silences/ },
    ofModel('/references', 'references', model, /^References of <img src=x/),
    {
      pattern: 'models/:model/backtest',
      what: 'the backtest',
      address: at('models', model, 'backtest'),
      heading: /Backtest of <img src=x/,
    },
  ]
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
