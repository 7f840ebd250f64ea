// Where the past of a backtest comes from: a file source that is replayed, the state of a daemon, or the daemon itself.

import { readFileSync } from 'node:fs'
import { BacktestDesk } from '../assembly/backtest-desk.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'
import { loadDocument, readDocument } from '../config/load.ts'
import { loadSettings } from '../config/settings.ts'
import { startDaemon } from '../daemon.ts'
import type { BacktestQuestion, BacktestView } from '../overview/backtest.ts'
import { BacktestRefusal } from '../overview/backtest.ts'
import { openToList } from '../store/database.ts'
import { createViews } from '../store/read.ts'
import { Statements } from '../store/statements.ts'
import type { Views } from '../store/views.ts'
import { createLog } from '../telemetry/log.ts'
import { formatInstant } from '../time.ts'
import type { ApiOptions } from './api-client.ts'
import { apiClient } from './api-client.ts'
import { fromFiles } from './from-files.ts'
import { stateFolder } from './options.ts'
import { showProgress } from './progress.ts'
import { withValues } from './set-values.ts'
import { packageVersion } from './version.ts'

export type Asked = Omit<BacktestQuestion, 'model'> & { readonly model: string | undefined }

export interface Found {
  readonly view: BacktestView
  /** Under the changed configuration. */
  readonly changed?: BacktestView
}

export interface PastData {
  views(asked: Asked): Promise<readonly Found[]>
}

/** The windows of a state, read without a change. */
export function ofState({ state, config }: { state: string; config: string | undefined }): PastData {
  return {
    async views(asked) {
      const settings = loadSettings({ flags: { stateDir: state, ...(config !== undefined && { config }) } })
      const document = loadDocument(settings.config)
      const db = openToList(settings.stateDir)
      const progress = showProgress('reading windows')
      try {
        // What one commit has left, whatever a daemon commits meanwhile.
        db.exec('BEGIN')
        const desk = deskOn(createViews(new Statements(db)), document)
        const found: Found[] = []
        for (const model of modelsOf(document, asked.model))
          found.push({ view: await desk.view({ ...asked, model }, progress.onProgress) })
        return found
      } finally {
        progress.stop()
        db.close()
      }
    },
  }
}

/** What a running daemon answers. */
export function ofDaemon(options: ApiOptions): PastData {
  return {
    async views({ model: only, from, to, monitor, threshold, version, window }) {
      const api = apiClient(options)
      const { models } = (await api.get('/api/v1/models')) as { models: ReadonlyArray<{ name: string }> }
      const names = only === undefined ? models.map(({ name }) => name) : [only]
      const time = (at: number | undefined) => (at === undefined ? undefined : formatInstant(at))
      const query = { version, monitor, threshold, window, from: time(from), to: time(to) }
      const found: Found[] = []
      for (const name of names) {
        const view = await api.get(`/api/v1/models/${encodeURIComponent(name)}/backtest`, query)
        found.push({ view: view as BacktestView })
      }
      return found
    },
  }
}

/** A file source, replayed in a state of its own; a second time where the configuration is to be another one. */
export function ofFile(options: {
  config: string | undefined
  source: string | undefined
  set: readonly string[]
}): PastData {
  const { config, source, set } = options
  return {
    async views(asked) {
      const { config: file } = loadSettings({ flags: { ...(config !== undefined && { config }) } })
      const document = fromFiles(loadDocument(file), source)
      const other =
        set.length === 0
          ? undefined
          : fromFiles(readDocument(withValues(readFileSync(file, 'utf8'), set), file), source)
      const names = modelsOf(document, asked.model)
      if (other !== undefined) refuseMissing(other, names)
      const views = await replayed(document, { file, what: 'replaying' }, names, asked)
      if (other === undefined) return views.map((view) => ({ view }))
      const changed = await replayed(other, { file, what: 'replaying with the changed configuration' }, names, {
        ...{ model: undefined, from: asked.from, to: asked.to, version: asked.version },
      }).catch((error: unknown) => {
        if (!(error instanceof BacktestRefusal)) throw error
        throw new BacktestRefusal(error.why, `with the changed configuration ${error.message}`)
      })
      return views.map((view, i) => ({ view, changed: changed[i] as BacktestView }))
    },
  }
}

/** There is nothing to compare a model with that the changed configuration does not have. */
function refuseMissing({ models }: Document, names: readonly string[]): void {
  const missing = names.filter((name) => !models.has(name))
  if (missing.length === 0) return
  const message = `with these values the configuration does not have ${missing.join(', ')}; there is: ${[...models.keys()].join(', ') || 'none'}; set values inside of models.${missing[0]}, or name a model that stays with --model`
  throw new ConfigError([{ file: null, line: null, column: null, path: '--set', message }])
}

async function replayed(
  document: Document,
  { file, what }: { file: string; what: string },
  names: readonly string[],
  asked: Asked,
): Promise<BacktestView[]> {
  const { stateDir, remove } = stateFolder(undefined)
  const progress = showProgress(what)
  try {
    const settings = { ...loadSettings({ flags: { config: file } }), stateDir }
    const daemon = await startDaemon({
      ...{ document, settings, version: packageVersion(), mode: 'replay', deliver: false },
      log: createLog(settings.logLevel === 'info' ? 'warn' : settings.logLevel),
      write: () => {},
      onProgress: progress.onProgress,
    })
    try {
      await daemon.run()
      const desk = deskOn(daemon.store.views, document)
      const views: BacktestView[] = []
      for (const model of names) views.push(await desk.view({ ...asked, model }))
      return views
    } finally {
      progress.stop()
      await daemon.stop()
    }
  } finally {
    progress.stop()
    remove()
  }
}

function deskOn(views: Views, { models }: Document): BacktestDesk {
  return new BacktestDesk({ views, settingsOf: (model) => models.get(model)?.watch, windowsMax: null })
}

function modelsOf({ models, file }: Document, only: string | undefined): readonly string[] {
  if (only === undefined) return [...models.keys()]
  if (models.has(only)) return [only]
  const message = `${JSON.stringify(only)} is not a model of ${file}; there is: ${[...models.keys()].join(', ')}`
  throw new ConfigError([{ file: null, line: null, column: null, path: '--model', message }])
}
