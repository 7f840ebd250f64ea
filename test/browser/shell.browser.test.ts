// What stands around every view: the token that is asked for, the proxy in between, the theme, the keys.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { tokenOf } from '../build/http.ts'
import { smallDaemon } from '../build/small-daemon.ts'
import { assertAccessible, assertNoSidewaysScroll, focusOf, tabTo } from './accessible.ts'
import { newPage } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'
import { prefixProxy } from './prefix-proxy.ts'

describe('around every view', { skip: skipWithoutChromium, timeout: 120_000 }, () => {
  let small: Awaited<ReturnType<typeof smallDaemon>>
  let address = ''
  before(async () => {
    small = await smallDaemon({ readAccess: 'token' })
    await small.ended
    address = `http://127.0.0.1:${small.port}`
  })
  after(() => small?.stop())
  const signedIn = { session: { 'leeway-token': tokenOf.viewer } }

  test('who has no token is asked for one, by keyboard too, and it is kept in this tab only', async () => {
    const refused = [/401/]
    const watched = await newPage(address, { size: 'narrow', expected: refused })
    const { page } = watched
    await watched.open('/ui/')
    await page.getByRole('heading', { name: 'A token, please' }).waitFor()
    await assertAccessible(page, 'the question for a token')
    await assertNoSidewaysScroll(page, 'the question for a token')
    await tabTo(page, /^Token$/)
    await page.keyboard.type('not-a-token-of-anybody-0123456789abcd')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'not known here' }).waitFor()
    await assertAccessible(page, 'a token that is not known')
    await tabTo(page, /^Token$/)
    await page.keyboard.press('Control+a')
    await page.keyboard.type(tokenOf.viewer)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'small' }).first().waitFor()
    const kept = await page.evaluate(() => [
      Object.values(sessionStorage),
      Object.values(localStorage),
      document.cookie,
      location.href,
    ])
    assert.deepEqual(kept, [[tokenOf.viewer], [], '', `${address}/ui/`])
    watched.assertClean()
    await watched.close()
  })

  test('behind a proxy with a path of its own everything is found, and nothing is asked outside of it', async (t) => {
    const proxy = await prefixProxy(address, '/ml/leeway')
    t.after(() => proxy.close())
    const watched = await newPage(proxy.address, signedIn)
    const { page } = watched
    await watched.open('/ml/leeway/ui/')
    await page.getByRole('link', { name: 'small' }).first().click()
    await watched.settled()
    assert.match(page.url(), /\/ml\/leeway\/ui\/models\/small/)
    await page.reload()
    await watched.settled()
    await page.getByRole('link', { name: 'Fleet' }).first().click()
    await page.getByRole('link', { name: 'small' }).first().waitFor()
    assert.equal(new URL(page.url()).pathname, '/ml/leeway/ui/')
    assert.deepEqual(
      proxy.asked.filter((url) => !url.startsWith('/ml/leeway/')),
      [],
    )
    watched.assertClean()
    await watched.close()
  })

  test('an address that leads nowhere says so, and leads back', async () => {
    const watched = await newPage(address, signedIn)
    const { page } = watched
    await watched.open('/ui/no/such/view?x=%3Cscript%3E#y')
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await assertAccessible(page, 'nowhere')
    await page.getByRole('link', { name: 'To all models' }).click()
    await page.getByRole('link', { name: 'small' }).first().waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await page.goForward()
    await page.getByRole('link', { name: 'small' }).first().waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('the theme follows the system until one is chosen, which is remembered', async () => {
    const watched = await newPage(address, { ...signedIn, scheme: 'dark' })
    const { page } = watched
    const isDark = () =>
      page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)?.[0]) < 100)
    await watched.open('/ui/')
    assert.equal(await isDark(), true)
    await page.emulateMedia({ colorScheme: 'light' })
    assert.equal(await isDark(), false)
    await page.getByLabel('Colours').selectOption('dark')
    assert.equal(await isDark(), true)
    await page.reload()
    await watched.settled()
    assert.equal(await isDark(), true)
    await assertAccessible(page, 'dark by choice on a light system')
    watched.assertClean()
    await watched.close()
  })

  test('the first key leads past the bar to the content, and a link takes the focus along to where it leads', async () => {
    const watched = await newPage(address, signedIn)
    const { page } = watched
    await watched.open('/ui/')
    await page.keyboard.press('Tab')
    assert.equal((await focusOf(page))?.name, 'Skip to the content')
    await page.keyboard.press('Enter')
    await tabTo(page, /^small/)
    await page.keyboard.press('Enter')
    await page.waitForURL(/models\/small/)
    await watched.settled()
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
    assert.notEqual(await page.title(), 'Fleet · Leeway')
    watched.assertClean()
    await watched.close()
  })

  test('a daemon that has gone is told, what was read stays, and the page goes on when it is back', async (t) => {
    const gone = [/ERR_CONNECTION/, /ERR_EMPTY/, /ERR_INCOMPLETE/]
    const first = await prefixProxy(address, '/x')
    t.after(() => first.close())
    const watched = await newPage(first.address, { ...signedIn, expected: gone })
    const { page } = watched
    const sign = page.getByRole('button', { name: /^(live|reconnecting|paused)$/ })
    const says = (word: string) => sign.filter({ hasText: word }).waitFor()
    await watched.open('/x/ui/')
    await says('live')
    await first.close()
    await says('reconnecting')
    assert.ok(await page.getByRole('link', { name: 'small' }).first().isVisible())
    await assertAccessible(page, 'a daemon that has gone')
    const again = await prefixProxy(address, '/x', Number(new URL(first.address).port))
    t.after(() => again.close())
    await says('live')
    await sign.click()
    await says('paused')
    watched.assertClean()
    await watched.close()
  })
})
