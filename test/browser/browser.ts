// A real Chromium, and pages that keep count of everything a user should never meet: errors on the console, scripts that fail,
// requests that fail or leave the daemon, and what the content security policy had to stop.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { chromium } from 'playwright-core'
import { executable } from './chromium.ts'

export const sizes = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 390, height: 844 },
} as const
export type Size = keyof typeof sizes
export const schemes = ['light', 'dark'] as const
export type Scheme = (typeof schemes)[number]

/** What markup in an event would call, were it ever taken for markup. */
export const MARKUP_CALL = 'steal'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The same glyphs at the same places on every machine.
  '--font-render-hinting=none',
  '--disable-lcd-text',
]

let running: Promise<Browser> | undefined
after(async () => (await running)?.close())

/** One browser for a file of tests: it starts when the first page is asked for. */
function browser(): Promise<Browser> {
  running ??= chromium.launch({ executablePath: executable, args: flags })
  return running
}

export interface PageOptions {
  readonly size?: Size
  readonly scheme?: Scheme
  readonly reducedMotion?: boolean
  /** Pixels of the picture for one of the page. */
  readonly scale?: number
  /** Faults that this test brings about itself. */
  readonly expected?: readonly RegExp[]
  /** What the page's clock says; left out: the time of this machine. */
  readonly now?: number
  /** Kept in the page's session, as if it had been typed. */
  readonly session?: Readonly<Record<string, string>>
}

/** A page, and what went wrong on it. */
export class WatchedPage {
  readonly page: Page
  /** Of the daemon: `http://host:port`. */
  readonly address: string
  readonly #context: BrowserContext
  readonly #expected: readonly RegExp[]
  readonly #faults: string[] = []
  readonly #requests: string[] = []

  constructor(page: Page, address: string, expected: readonly RegExp[]) {
    this.page = page
    this.address = new URL(address).origin
    this.#context = page.context()
    this.#expected = expected
    this.#listen()
  }

  /** Addresses that were asked for, in their order. */
  get requests(): readonly string[] {
    return this.#requests
  }

  /** Everything that should not have happened so far. */
  get faults(): readonly string[] {
    return this.#faults.filter((fault) => !this.#expected.some((one) => one.test(fault)))
  }

  /** @throws AssertionError with all that went wrong */
  assertClean(): void {
    const { faults } = this
    assert.deepEqual(faults, [], `on ${this.page.url()}:\n${faults.join('\n')}`)
  }

  /** Opens an address of the daemon, and waits until the view is there. */
  async open(path: string): Promise<void> {
    const answer = await this.page.goto(this.address + path)
    assert.equal(answer?.status(), 200, path)
    await this.settled()
  }

  /** Waits until nothing on the page is being loaded. */
  async settled(): Promise<void> {
    await this.page.locator('h1').first().waitFor()
    await this.page.waitForFunction(() => document.querySelector('.state.loading') === null)
  }

  async close(): Promise<void> {
    await this.#context.close()
  }

  #listen(): void {
    const add = (fault: string) => void this.#faults.push(fault)
    const { page } = this
    page.on('console', (message) => {
      if (message.type() === 'error') add(`console: ${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => add(`script: ${error.stack ?? error.message}`))
    page.on('dialog', (dialog) => {
      add(`a dialog of the browser: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      this.#requests.push(request.url())
      if (!this.#isOwn(request.url())) add(`a request to somebody else: ${request.url()}`)
    })
    page.on('requestfailed', (request) => {
      if (!isGivenUp(request)) add(`${request.method()} ${request.url()} failed: ${request.failure()?.errorText}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) add(`${response.request().method()} ${response.url()}: ${response.status()}`)
    })
  }

  #isOwn(url: string): boolean {
    // Downloads are made in the page, and small pictures are in the style sheet.
    return url.startsWith(`${this.address}/`) || /^(blob|data):/.test(url)
  }
}

/** A page that is left, or that asks anew, gives up what it has asked for. A style sheet or a script is never given up. */
function isGivenUp(request: Request): boolean {
  return request.failure()?.errorText === 'net::ERR_ABORTED' && request.resourceType() === 'fetch'
}

/** A page with a session of its own. Nothing is opened yet. */
export async function newPage(address: string, options: PageOptions = {}): Promise<WatchedPage> {
  const { size = 'wide', scheme = 'light', reducedMotion = false, scale = 1, expected = [], session = {} } = options
  const context = await (await browser()).newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    deviceScaleFactor: scale,
    locale: 'en-GB',
    timezoneId: 'UTC',
    acceptDownloads: true,
  })
  context.setDefaultTimeout(15_000)
  await context.addInitScript(
    ({ call, kept }) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
        console.error(`policy: ${effectiveDirective} stopped ${blockedURI} (${sourceFile})`),
      )
      Object.assign(window, { [call]: () => console.error('markup of an event was run') })
      for (const [name, value] of Object.entries(kept)) sessionStorage.setItem(name, value)
    },
    { call: MARKUP_CALL, kept: session },
  )
  const page = await context.newPage()
  if (options.now !== undefined) await page.clock.setFixedTime(options.now)
  return new WatchedPage(page, address, expected)
}
