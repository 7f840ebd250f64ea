// What makes a page usable by everybody: the rules of axe-core, no sideways scrolling, a focus that is seen and never lost.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOnly } from 'axe-core'
import type { Page } from 'playwright-core'

/** Run through the debugger, not as a script of the page, so the page's own policy stays in force. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * @param only what to look at; left out: everything. Another theme changes nothing but contrast
 * @throws AssertionError that names each rule that is broken, and where
 */
export async function assertAccessible(page: Page, what: string, only?: 'contrast'): Promise<void> {
  await page.evaluate(axeSource)
  const runOnly: RunOnly =
    only === 'contrast' ? { type: 'rule', values: ['color-contrast'] } : { type: 'tag', values: tags }
  const { violations, passes } = await page.evaluate(async (rules): Promise<AxeResults> => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    return axe.run(document, { runOnly: rules })
  }, runOnly)
  assert.ok(passes.length > (only === undefined ? 10 : 0), `${what}: only ${passes.length} rules were looked at`)
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}\n  ${target.join(' ')}\n  ${failureSummary}`),
  )
  assert.deepEqual(found, [], `${what} (${page.url()}):\n${found.join('\n')}`)
}

/** @throws AssertionError that names what sticks out */
export async function assertNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const { width, wide } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const scrolls = (element: Element): boolean =>
      element !== document.body &&
      element.parentElement !== null &&
      (/(auto|scroll|hidden|clip)/.test(getComputedStyle(element.parentElement).overflowX) ||
        scrolls(element.parentElement))
    const wide = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`)
    return { width, wide: document.documentElement.scrollWidth > width ? wide : [] }
  })
  assert.deepEqual(wide, [], `${what} (${page.url()}) is wider than ${width}: ${wide.slice(0, 8).join(', ')}`)
}

export interface Focus {
  /** Accessible name, or the text of what has it. */
  readonly name: string
  readonly tag: string
  /** Whether something on the screen tells that it is here. */
  readonly isSeen: boolean
  /** Whether it is within the window. */
  readonly isInView: boolean
}

/** What has the keyboard's focus; undefined when nothing has. */
export async function focusOf(page: Page): Promise<Focus | undefined> {
  const found = await page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body || element === document.documentElement) return null
    const style = getComputedStyle(element)
    const box = element.getBoundingClientRect()
    const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])] : []
    const byId = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id))
    const name = [
      element.getAttribute('aria-label'),
      byId.map((one) => one?.textContent ?? '').join(' '),
      labels.map((one) => one.textContent).join(' '),
      element.querySelector(':scope > title')?.textContent,
      element.textContent,
    ].find((text) => text !== null && text !== undefined && text.trim() !== '')
    const ring = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1
    const isDrawn =
      element instanceof SVGElement && style.stroke !== 'none' && Number.parseFloat(style.strokeWidth) >= 1.5
    const scrolled = { x: window.innerWidth, y: window.innerHeight }
    return {
      name: (name ?? '').replace(/\s+/g, ' ').trim(),
      tag: element.tagName.toLowerCase(),
      isSeen: element.matches(':focus-visible') && (ring || isDrawn || style.boxShadow !== 'none'),
      isInView: box.bottom > 0 && box.top < scrolled.y && box.right > 0 && box.left < scrolled.x,
    }
  })
  return found ?? undefined
}

/**
 * Presses Tab from the top of the page to its end.
 *
 * @returns what had the focus, in order
 * @throws AssertionError where the focus is not seen, or outside of the window, where it is caught, or what it never comes to
 */
export async function tabThrough(page: Page, what: string): Promise<Focus[]> {
  await page.evaluate(() => {
    const active = document.activeElement as HTMLElement | null
    active?.blur()
    window.getSelection()?.removeAllRanges()
    window.scrollTo(0, 0)
    const visited = new Set<Element>()
    Object.assign(window, { visited })
    document.addEventListener('focusin', ({ target }) => visited.add(target as Element))
  })
  const order: Focus[] = []
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press('Tab')
    const focus = await focusOf(page)
    if (focus === undefined) {
      const missed = await neverVisited(page)
      assert.deepEqual(
        missed,
        [],
        `${what}: after "${order.at(-1)?.name}" the focus is lost; it never comes to ${missed.join(', ')}`,
      )
      return order
    }
    assert.ok(focus.isSeen, `${what}: nothing shows that "${focus.name}" (${focus.tag}) has the focus`)
    assert.ok(focus.isInView, `${what}: "${focus.name}" (${focus.tag}) has the focus, and is not in the window`)
    assert.notEqual(focus.name, '', `${what}: a ${focus.tag} has the focus, and no name`)
    order.push(focus)
  }
  throw new assert.AssertionError({ message: `${what}: Tab does not come to the end of the page` })
}

function neverVisited(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { visited } = window as unknown as { visited: ReadonlySet<Element> }
    const reachable =
      'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex="0"]'
    return [...document.querySelectorAll(reachable)]
      .filter(
        (element) => element.checkVisibility() && element.getAttribute('tabindex') !== '-1' && !visited.has(element),
      )
      .map((element) => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 60)}"`)
  })
}

/** Presses Tab until what has the name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<Focus> {
  const seen: string[] = []
  for (let presses = 0; presses < 300; presses++) {
    const focus = await focusOf(page)
    if (focus !== undefined && name.test(focus.name)) return focus
    if (focus !== undefined) seen.push(focus.name)
    await page.keyboard.press('Tab')
  }
  throw new assert.AssertionError({
    message: `Tab does not come to ${name}; it came to: ${[...new Set(seen)].join(' | ')}`,
  })
}
