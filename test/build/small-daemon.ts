// A daemon in this process that watches one model on a small file, with its HTTP port open and a token for each role.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDocument } from '../../src/config/load.ts'
import type { SettingName } from '../../src/config/settings.ts'
import { loadSettings } from '../../src/config/settings.ts'
import type { DaemonOptions } from '../../src/daemon.ts'
import { startDaemon } from '../../src/daemon.ts'
import type { Role } from '../../src/http/role.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { Reply } from './http.ts'
import { ask, tokenOf } from './http.ts'
import { seeded } from './random.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 5)

/** `hours` hours with twenty rows each: two numbers, a category, a score, a decision, the truth. */
function rows(hours: number, from: number, seed: number): string {
  const random = seeded(seed)
  const lines = ['id,time,age,income,job,score,decision,label']
  for (let i = 0; i < hours * 20; i++) {
    const score = Math.round(random() * 1e4) / 1e4
    const time = new Date(from + i * (HOUR / 20)).toISOString()
    const cells = [20 + Math.floor(random() * 50), Math.round(random() * 9e4), ['cook', 'pilot', 'nurse'][i % 3], score]
    lines.push(
      [`${seed}-${i}`, time, ...cells, score > 0.5 ? 'bad' : 'good', random() < score ? 'bad' : 'good'].join(','),
    )
  }
  return `${lines.join('\n')}\n`
}

/** The text of its configuration, with some parts replaced by others. */
export function smallDocument(changes: { model?: string; rest?: string } = {}): string {
  const { model = '', rest = 'channels:\n  screen: {type: console}\n' } = changes
  return `apiVersion: leeway/v1
sources:
  history: {type: file, path: production.csv, events: &columns {id: id, time: time, features: [age, income, job], score: score, prediction: decision, label: label}}
models:
  small: {source: history, task: binary, positiveClass: bad, reference: {file: reference.csv, events: *columns}, windows: [{size: 6h, slide: 1h}]${model}}
${rest}`
}

export async function smallDaemon(
  flags: Partial<Record<SettingName, string>> = {},
  options: Partial<DaemonOptions> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-small-'))
  const config = join(folder, 'leeway.yaml')
  const write = (text: string) => writeFileSync(config, text)
  writeFileSync(join(folder, 'reference.csv'), rows(100, START - 100 * HOUR, 1))
  writeFileSync(join(folder, 'production.csv'), rows(24, START, 2))
  write(smallDocument())
  const tokensFile = join(folder, 'tokens.yaml')
  const writeTokens = (roles: readonly Role[]) =>
    writeFileSync(
      tokensFile,
      roles.map((role) => `- {name: the-${role}, role: ${role}, token: ${tokenOf[role]}}\n`).join(''),
    )
  writeTokens(['viewer', 'operator', 'approver'])
  const lines: string[] = []
  const told: string[] = []
  const settings = loadSettings({
    env: {},
    flags: { config, stateDir: join(folder, 'state'), port: 0, tokensFile, ...flags },
  })
  const daemon = await startDaemon({
    document: loadDocument(config),
    reread: () => loadDocument(config),
    settings,
    log: createLog('info', { write: (line: string) => void lines.push(line) }),
    version: 'test',
    write: (text) => told.push(text),
    mode: 'live',
    deliver: true,
    ...options,
  })
  const address = await daemon.serveHttp()
  const ended = daemon.run()
  const port = Number(new URL(address).port)
  const bearer = (role: Role) => ({ authorization: `Bearer ${tokenOf[role]}` })
  return {
    daemon,
    ended,
    port,
    folder,
    write,
    writeTokens,
    read: () => readFileSync(config, 'utf8'),
    /** Lines of the log. */
    lines,
    /** What the console channel was told. */
    told,
    /** Asks with the token of a role. */
    as: (role: Role, path: string, rest: Parameters<typeof ask>[2] = {}): Promise<Reply> =>
      ask(port, path, { ...rest, headers: { ...bearer(role), ...rest.headers } }),
    async stop() {
      await daemon.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
