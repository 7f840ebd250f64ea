// What watches the pages must see each fault: here they are planted, one by one.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { headersFor } from '../../src/http/headers.ts'
import { assertAccessible, assertNoSidewaysScroll, tabThrough, tabTo } from './accessible.ts'
import { newPage } from './browser.ts'
import { skipWithoutChromium } from './chromium.ts'

const style = `body { font: 16px sans-serif; color: #111; background: #fff }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 2px solid #0072b2 }
.dark { outline: none !important } .wide { width: 600px } .pale { color: #ccc }`
const page = (body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="stylesheet" href="style.css"></head><body><main><h1>A page</h1>${body}</main></body></html>`

const bodies: Record<string, string> = {
  fine: '<p><a href="fine">A link</a> <button type="button">A button</button></p><label>Name <input></label>',
  'style-attribute': '<p style="color: red">text</p>',
  'inline-script': '<script>console.log(1)</script>',
  'event-attribute': '<img alt="" src="data:image/png;base64,AAAA" onerror="steal()">',
  'script-of-others': '<script src="http://127.0.0.1:1/x.js"></script>',
  missing: '<script src="missing.js"></script>',
  throws: '<script src="throws.js"></script>',
  calls: '<script src="calls.js"></script>',
  'no-label': '<input>',
  pale: '<p class="pale">hardly to be read</p>',
  wide: '<p class="wide">wide</p>',
  lost: '<p><button type="button">First</button> <button type="button">Second</button></p><script src="loses.js"></script>',
  dark: '<p><button type="button" class="dark">Nobody sees it</button></p>',
}
const files: Record<string, readonly [type: string, text: string]> = {
  'style.css': ['text/css', style],
  'throws.js': ['text/javascript', 'null.x'],
  'calls.js': ['text/javascript', 'steal()'],
  'loses.js': ['text/javascript', 'document.querySelector("button").onfocus = ({ target }) => target.remove()'],
  'favicon.ico': ['image/x-icon', ''],
}

const server = createServer((request, response) => {
  const name = (request.url ?? '').slice(1)
  const [type, text] = files[name] ?? ['text/html; charset=utf-8', page(bodies[name] ?? '')]
  response.writeHead(bodies[name] === undefined && files[name] === undefined ? 404 : 200, headersFor(type)).end(text)
})
let address = ''
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  server.closeAllConnections()
})

const options = { skip: skipWithoutChromium, timeout: 60_000 }

test('a page without a fault passes everything', options, async () => {
  const watched = await newPage(address, { size: 'narrow' })
  await watched.open('/fine')
  await assertAccessible(watched.page, 'fine')
  await assertNoSidewaysScroll(watched.page, 'fine')
  const order = await tabThrough(watched.page, 'fine')
  assert.deepEqual(
    order.map(({ name }) => name),
    ['A link', 'A button', 'Name'],
  )
  assert.equal((await tabTo(watched.page, /^A button$/)).tag, 'button')
  watched.assertClean()
  await watched.close()
})

for (const [name, wanted] of [
  ['style-attribute', /policy: style-src-attr stopped inline/],
  ['inline-script', /policy: script-src-elem stopped inline/],
  ['event-attribute', /policy: script-src-attr stopped inline/],
  ['script-of-others', /a request to somebody else: http:\/\/127\.0\.0\.1:1/],
  ['missing', /missing\.js: 404/],
  ['throws', /script: TypeError/],
  ['calls', /markup of an event was run/],
] as const) {
  test(`a planted fault is seen: ${name}`, options, async () => {
    const watched = await newPage(address)
    await watched.open(`/${name}`)
    assert.throws(() => watched.assertClean(), wanted)
    await watched.close()
  })
}

for (const [name, look, wanted] of [
  ['no-label', assertAccessible, /label: Form elements must have labels/],
  ['pale', assertAccessible, /color-contrast/],
  ['wide', assertNoSidewaysScroll, /p\.wide/],
  ['lost', tabThrough, /it never comes to button "Second"/],
  ['dark', tabThrough, /nothing shows that "Nobody sees it"/],
] as const) {
  test(`a page that not everybody can use is seen: ${name}`, options, async () => {
    const watched = await newPage(address, { size: 'narrow' })
    await watched.open(`/${name}`)
    await assert.rejects(async () => void (await look(watched.page, name)), wanted)
    await watched.close()
  })
}
