import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { smallDaemon } from '../build/small-daemon.ts'

const SCRIPT_KIB_MAX = 60

test('the UI is one page at every address under /ui/, with files that lie beside it', async () => {
  const { port, stop } = await smallDaemon()
  const address = `http://127.0.0.1:${port}`
  try {
    for (const path of ['/ui/', '/ui/models/a%2Fb', '/ui/models/a/features/b?window=1h&x=y']) {
      const response = await fetch(address + path)
      assert.equal(response.status, 200)
      assert.equal(
        response.headers.get('content-security-policy'),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      )
      const page = await response.text()
      const script = /src="([^"]+\.js)"/.exec(page)?.[1] as string
      const found = await fetch(new URL(script, address + path))
      assert.equal(found.headers.get('content-type'), 'text/javascript; charset=utf-8')
      assert.match(found.headers.get('cache-control') ?? '', /immutable/)
      const code = await found.text()
      const bytes = gzipSync(code).length
      assert.ok(
        bytes <= SCRIPT_KIB_MAX * 1024,
        `the script has ${bytes} bytes gzipped, at most ${SCRIPT_KIB_MAX} KiB are meant`,
      )
    }
  } finally {
    await stop()
  }
})

test('a short address leads to the UI, and a file that is not there is told', async () => {
  const { port, stop } = await smallDaemon()
  const address = `http://127.0.0.1:${port}`
  try {
    for (const path of ['/', '/ui']) {
      const response = await fetch(address + path, { redirect: 'manual' })
      assert.equal(response.status, 302)
      assert.equal(new URL(response.headers.get('location') as string, address + path).pathname, '/ui/')
    }
    const missing = await fetch(`${address}/ui/assets/main-OLD.js`)
    assert.equal(missing.status, 404)
    assert.match(await missing.text(), /load the page again/)
  } finally {
    await stop()
  }
})
