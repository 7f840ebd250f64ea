// What people do about an incident, in a real browser: by keyboard only, on a narrow screen, with and without a token that suffices.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Role } from '../../src/http/role.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { Orchestrator } from '../../src/retraining/orchestrator.ts'
import { newRequest } from '../../src/retraining/request.ts'
import { tokenOf } from '../build/http.ts'
import { aucEvidence } from '../build/messages.ts'
import { smallDaemon } from '../build/small-daemon.ts'
import { rule } from '../retraining/requests.ts'
import { changes } from '../store/changes.ts'
import { assertAccessible, assertNoSidewaysScroll, focusOf, tabTo } from './accessible.ts'
import { newPage } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'
import { prefixProxy } from './prefix-proxy.ts'

const hostile = '<img src=x onerror=steal()>'

describe('an incident', { skip: skipWithoutChromium, timeout: 120_000 }, () => {
  let small: Awaited<ReturnType<typeof smallDaemon>>
  let address = ''
  let made = 0
  before(async () => {
    const orchestrator: Orchestrator = {
      ...{ name: 'stand-in', isIdempotent: true, pollEveryMs: 60_000 },
      launch: async () => ({ result: 'started', run: { id: 'run-1', link: null }, detail: 'it began' }) as never,
      close: async () => {},
    }
    small = await smallDaemon(
      { readAccess: 'open' },
      {
        retraining: new Map([['small', rule({ model: 'small', approval: { is: 'required' } })]]),
        orchestrators: new Map([['small', orchestrator]]),
      },
    )
    await small.ended
    address = `http://127.0.0.1:${small.port}`
  })
  after(() => small?.stop())

  /** A firing incident with a name of its own; with `awaits`, its request to retrain waits for a yes. */
  function fires({ awaits = false } = {}): string {
    const id = `${++made}`.padStart(16, '0')
    const at = Date.now() - 3_600_000
    const incident: Incident = {
      ...{ id, model: 'small', version: '', kind: 'performance', severity: 'alarm', state: 'firing', since: at, at },
      ...{ features: [hostile], evidence: [aucEvidence], sequence: 1 },
    }
    const { store } = small.daemon
    const transition = { incidentId: id, sequence: 1, change: 'firing', because: `over ${hostile}`, at } as const
    store.commit(changes({ incidents: [incident], transitions: [transition] }))
    if (awaits) {
      const asked = newRequest(
        { id, model: 'small', version: '', target: 'webhook', cause: { is: 'incident', incident } },
        at,
      )
      store.retraining.ask([{ request: asked, at, audit: null }], null)
    }
    return id
  }

  const as = (role: Role) => ({ session: { 'leeway-token': tokenOf[role] } })
  const outcome = (page: Page) => page.locator('.outcome').first()
  const primaries = (page: Page) => page.locator('main button.primary:visible').count()

  test('is acknowledged, assigned and commented by keyboard alone, and says who did it; markup stays text', async () => {
    const id = fires()
    const watched = await newPage(address, { size: 'narrow', ...as('operator') })
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    assert.equal(await primaries(page), 1)
    await assertNoSidewaysScroll(page, 'an incident')
    await assertAccessible(page, 'an incident')

    await tabTo(page, /^Acknowledge$/)
    await page.keyboard.press('Enter')
    await outcome(page).filter({ hasText: 'Acknowledged by the-operator.' }).waitFor()
    await page.getByText('acknowledged by the-operator').first().waitFor()
    // The button is gone: the focus is where the outcome is told, and not lost.
    await page.waitForFunction(() => document.activeElement?.className === 'outcome')

    await tabTo(page, /^Assign…$/)
    await page.keyboard.press('Enter')
    await page.locator('dialog').waitFor()
    assert.match((await focusOf(page))?.name ?? '', /To whom/)
    await assertAccessible(page, 'the question to whom')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('maria')
    await page.keyboard.press('Enter')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await outcome(page).filter({ hasText: 'Assigned to maria by the-operator.' }).waitFor()
    assert.match((await focusOf(page))?.name ?? '', /Assign…/)

    await tabTo(page, /^Comment$/)
    await page.keyboard.type(`seen ${hostile}`)
    await tabTo(page, /^Add the comment$/)
    await page.keyboard.press('Enter')
    await page
      .locator('blockquote')
      .filter({ hasText: `seen ${hostile}` })
      .waitFor()
    await assertNoSidewaysScroll(page, 'an incident with a comment')
    watched.assertClean()
    await watched.close()
    const { deeds } = small.daemon.store.views.handling(id)
    assert.deepEqual(
      deeds.map(({ kind, by, via }) => [kind, by, via]),
      [
        ['acknowledge', 'the-operator', 'ui'],
        ['assign', 'the-operator', 'ui'],
        ['comment', 'the-operator', 'ui'],
      ],
    )
  })

  test('a run is approved after one question that says what will happen; Escape does nothing; a second page is asked no more', async () => {
    const id = fires({ awaits: true })
    const first = await newPage(address, as('approver'))
    const second = await newPage(address, { ...as('approver'), expected: [/409/] })
    for (const watched of [first, second]) await watched.open(`/ui/incidents/${id}?show=retraining`)
    const { page } = first
    await page.getByText('somebody with the role approver must say yes').first().waitFor()
    await page.getByRole('button', { name: 'Approve retraining…' }).click()
    await page.getByText('The orchestrator (webhook) is asked to retrain small').waitFor()
    await assertAccessible(page, 'the question before a run')
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    assert.match((await focusOf(page))?.name ?? '', /Approve retraining/)
    assert.equal(small.daemon.store.retraining.request(id)?.approval, null)

    await second.page.getByRole('button', { name: 'Approve retraining…' }).click()
    await second.page.getByRole('button', { name: 'Approve', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Approve retraining…' }).click()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await outcome(page).filter({ hasText: 'Approved by the-approver.' }).waitFor()
    assert.equal(small.daemon.store.retraining.request(id)?.approval?.by, 'the-approver')

    // It hears of it by itself: what is answered is asked no more, and whoever answers once more is told.
    await second.page.locator('main button', { hasText: 'Approve retraining…' }).waitFor({ state: 'detached' })
    await second.page.getByRole('button', { name: 'Approve', exact: true }).click()
    await second.page.locator('dialog .error').filter({ hasText: 'approved by the-approver' }).waitFor()
    for (const watched of [first, second]) {
      watched.assertClean()
      await watched.close()
    }
  })

  test('Enter held, or pressed twice, approves nothing; what goes wrong after a question was closed is told', async () => {
    const id = fires({ awaits: true })
    const watched = await newPage(address, { ...as('approver'), expected: [/503/] })
    const { page } = watched
    await watched.open(`/ui/incidents/${id}?show=retraining`)
    await tabTo(page, /^Approve retraining…$/)
    await page.keyboard.down('Enter')
    await page.locator('dialog').waitFor()
    for (let again = 0; again < 3; again++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    await page.keyboard.press('Enter')
    assert.equal((await focusOf(page))?.tag, 'h2')
    await assertAccessible(page, 'the question with its heading in focus')
    assert.equal(small.daemon.store.retraining.request(id)?.approval, null)

    const answered = Promise.withResolvers<void>()
    await page.route('**/api/v1/**', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      await answered.promise
      return route.fulfill({ status: 503, json: { error: { message: 'the state is locked' } } })
    })
    await tabTo(page, /^Approve$/)
    await page.keyboard.press('Enter')
    await page.getByText('One moment …').waitFor()
    // A browser may close it at the second Escape, whatever the page says.
    for (let again = 0; again < 2; again++) await page.keyboard.press('Escape')
    answered.resolve()
    await page.locator('dialog .error').filter({ hasText: 'the state is locked' }).waitFor()
    await page.unrouteAll()
    await tabTo(page, /^Approve$/)
    await page.keyboard.press('Enter')
    await outcome(page).filter({ hasText: 'Approved by the-approver.' }).waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('a double click acknowledges and takes nothing back, and taking it back is asked first', async () => {
    const id = fires()
    const watched = await newPage(address, as('operator'))
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    await page.getByRole('button', { name: 'Acknowledge' }).dblclick()
    await page.getByText('acknowledged by the-operator').first().waitFor()
    // Clicks that come faster than anybody sees what they are on.
    const place = await page.getByRole('button', { name: 'Unacknowledge…' }).boundingBox()
    const [x, y] = [(place?.x ?? 0) + 10, (place?.y ?? 0) + 10]
    await page.mouse.click(x, y, { clickCount: 2 })
    await page.getByText('people are reminded again').waitFor()
    assert.equal(small.daemon.store.handling.state(id)?.acknowledgedBy, 'the-operator')
    await page.getByRole('button', { name: 'Unacknowledge', exact: true }).click()
    await page.getByText('nobody has acknowledged it').waitFor()
    watched.assertClean()
    await watched.close()
    const { deeds } = small.daemon.store.views.handling(id)
    assert.deepEqual(
      deeds.map(({ kind }) => kind),
      ['acknowledge', 'unacknowledge'],
    )
  })

  test('what is asked, and what was typed, stays whatever is told of the incident meanwhile', async () => {
    const id = fires()
    const watched = await newPage(address, { ...as('operator'), expected: [/409/] })
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    await page.getByLabel('Comment').fill('half a thought')
    await page.getByRole('button', { name: 'Assign…' }).click()
    await page.getByLabel('To whom').fill('mar')
    // Somebody else acts: the page is read anew below the question.
    const { status } = await small.as('approver', `/api/v1/incidents/${id}/assign`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"to":"ben"}' },
    })
    assert.equal(status, 200)
    await page.locator('main').getByText('assigned to ben').first().waitFor()
    assert.equal(await page.getByLabel('To whom').inputValue(), 'mar')
    // It ends, and with it what can be done about it.
    const { incident } = small.daemon.store.views.incident(id) ?? assert.fail()
    const over = { ...incident, state: 'resolved', sequence: 2 } as const
    const transition = { incidentId: id, sequence: 2, change: 'resolved', because: 'well', at: incident.at } as const
    small.daemon.store.commit(changes({ incidents: [over], transitions: [transition] }))
    await page.locator('main button', { hasText: 'Assign…' }).waitFor({ state: 'detached' })
    assert.equal(await page.getByLabel('To whom').inputValue(), 'mar')
    await page.getByRole('button', { name: 'Assign', exact: true }).click()
    await page.locator('dialog .error').waitFor()
    await page.keyboard.press('Escape')
    assert.equal(await page.getByLabel('Comment', { exact: true }).inputValue(), 'half a thought')
    // Whoever looks elsewhere, too, comes back to it.
    await page.getByRole('link', { name: 'Incidents' }).first().click()
    await page.goBack()
    await page.getByLabel('Comment', { exact: true }).waitFor()
    assert.equal(await page.getByLabel('Comment', { exact: true }).inputValue(), 'half a thought')
    await page.getByRole('button', { name: 'Add the comment' }).click()
    await page.locator('blockquote').filter({ hasText: 'half a thought' }).waitFor()
    assert.equal(await page.getByLabel('Comment', { exact: true }).inputValue(), '')
    watched.assertClean()
    await watched.close()
  })

  test('whoever has no token, or one that does not suffice, is told what it takes, and can enter one there', async () => {
    const id = fires()
    const watched = await newPage(address, { size: 'narrow' })
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    await page.getByText('this takes the token of an operator').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Acknowledge' }).count(), 0)
    assert.equal(await primaries(page), 1)
    await assertAccessible(page, 'an incident without a token')
    await page.locator('main').getByRole('button', { name: 'Enter a token' }).click()
    await page.getByLabel('Token').fill(tokenOf.viewer)
    await page.keyboard.press('Enter')
    await page.getByText('yours (the-viewer) has the role viewer').first().waitFor()
    await page.locator('main').getByRole('button', { name: 'Use another token' }).click()
    await page.getByLabel('Token').fill(tokenOf.operator)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('a question that a token was asked for in between is answered on the page where it was asked', async () => {
    const id = fires()
    const watched = await newPage(address, { ...as('operator'), expected: [/401/] })
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    await page.getByRole('button', { name: 'Assign…' }).click()
    await page.getByLabel('To whom').fill('maria')
    const refused = { status: 401, json: { error: { message: 'this token is not known' } } }
    await page.route('**/api/v1/**', (route) => route.fulfill(refused), { times: 1 })
    await page.locator('dialog button.primary').click()
    await page.getByLabel('Token').fill(tokenOf.operator)
    assert.equal(await page.locator('h1:visible').count(), 1)
    await page.keyboard.press('Enter')
    await page.locator('dialog button.primary').click()
    await outcome(page).filter({ hasText: 'Assigned to maria by the-operator.' }).waitFor()
    await page.getByText('assigned to maria').first().waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('is silenced from its page, and the silence is ended where all of them are', async () => {
    const id = fires()
    const watched = await newPage(address, as('operator'))
    const { page } = watched
    await watched.open(`/ui/incidents/${id}`)
    await page.getByRole('button', { name: 'Silence this…' }).click()
    await page.getByLabel('Why').fill(`a campaign ${hostile}`)
    await page.getByRole('button', { name: 'Silence', exact: true }).click()
    await page.getByText('nobody is told now: silence').waitFor()
    await page.getByRole('link', { name: 'Incidents' }).first().click()
    await page.getByRole('link', { name: 'Silences and maintenance' }).click()
    await page.getByText(`a campaign ${hostile}`).waitFor()
    await assertAccessible(page, 'the silences')
    await page.getByRole('button', { name: /^End s/ }).click()
    await outcome(page).filter({ hasText: 'ended by the-operator' }).waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('is acknowledged behind a proxy with a path of its own', async (t) => {
    const id = fires()
    const proxy = await prefixProxy(address, '/ml/leeway')
    t.after(() => proxy.close())
    const watched = await newPage(proxy.address, as('operator'))
    const { page } = watched
    await watched.open(`/ml/leeway/ui/incidents/${id}`)
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await outcome(page).filter({ hasText: 'Acknowledged by the-operator.' }).waitFor()
    watched.assertClean()
    await watched.close()
  })

  test('the list finds incidents by what stands in its address, and a link leads back to the same', async () => {
    fires()
    const watched = await newPage(address, { size: 'narrow', ...as('viewer') })
    const { page } = watched
    await watched.open('/ui/incidents?state=firing&kind=performance')
    await assertAccessible(page, 'the list of incidents')
    await assertNoSidewaysScroll(page, 'the list of incidents')
    await page.getByLabel('State').selectOption('clearing')
    await page.getByText('No incident is like that').waitFor()
    assert.equal(new URL(page.url()).search, '?state=clearing&kind=performance')
    await page.getByRole('link', { name: 'Show all incidents' }).click()
    await page
      .getByRole('link', { name: /small: ROC AUC/ })
      .first()
      .click()
    await page.goBack()
    await page
      .getByRole('link', { name: /small: ROC AUC/ })
      .first()
      .waitFor()
    watched.assertClean()
    await watched.close()
  })
})
