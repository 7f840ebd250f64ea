// Reports as a browser gets them: written by the command that users run, and served to a page that is watched.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leeway } from '../cli/run.ts'

/** Replays a configuration of one model. @returns its report as HTML */
export async function reportOf(config: string): Promise<string> {
  const state = mkdtempSync(join(tmpdir(), 'leeway-report-'))
  try {
    const replayed = await leeway(['replay', '-c', config, '--state', state])
    assert.equal(replayed.code, 0, replayed.stderr)
    const { code, stdout, stderr } = await leeway(['report', '-c', config, '--state', state, '-o', '-'])
    assert.equal(code, 0, stderr)
    return stdout
  } finally {
    rmSync(state, { recursive: true })
  }
}

/** Serves one page. What it asks for beside is not there, and is seen. */
export async function serveReport(html: string): Promise<{ address: string; close: () => void }> {
  const server = createServer(({ url }, response) => {
    // Browsers ask for it by themselves where a page comes over HTTP.
    if (url === '/favicon.ico') return void response.writeHead(204).end()
    response.writeHead(url === '/' ? 200 : 404, { 'content-type': 'text/html' }).end(url === '/' ? html : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
