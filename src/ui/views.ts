// Which view an address leads to. A view is a file in `views/`.

import type { ComponentType } from 'preact'
import type { ViewOptions } from './view-options.ts'
import { Backtest } from './views/backtest.ts'
import { Feature } from './views/feature.ts'
import { Features } from './views/features.ts'
import { Fleet } from './views/fleet.ts'
import { Incident } from './views/incident.ts'
import { Incidents } from './views/incidents.ts'
import { Model } from './views/model.ts'
import { References } from './views/references.ts'
import { Segments } from './views/segments.ts'
import { Silences } from './views/silences.ts'
import { System } from './views/system.ts'

export interface ViewEntry {
  /** Such as `models/:model/features/:feature`. */
  readonly pattern: string
  readonly view: ComponentType<ViewOptions>
  /** Of the browser's tab. */
  readonly title: (parameters: Readonly<Record<string, string>>) => string
}

export const views: readonly ViewEntry[] = [
  { pattern: '', view: Fleet, title: () => 'Fleet' },
  {
    pattern: 'models/:model/segments',
    view: Segments,
    title: ({ model = '' }) => `Segments of ${model}`,
  },
  { pattern: 'system', view: System, title: () => 'System' },
  { pattern: 'incidents', view: Incidents, title: () => 'Incidents' },
  { pattern: 'incidents/:id', view: Incident, title: ({ id = '' }) => `Incident ${id.slice(0, 8)}` },
  { pattern: 'silences', view: Silences, title: () => 'Silences and maintenance' },
  { pattern: 'models/:model', view: Model, title: ({ model = '' }) => model },
  { pattern: 'models/:model/features', view: Features, title: ({ model = '' }) => `Features of ${model}` },
  {
    pattern: 'models/:model/features/:feature',
    view: Feature,
    title: ({ model = '', feature = '' }) => `${feature} of ${model}`,
  },
  { pattern: 'models/:model/backtest', view: Backtest, title: ({ model = '' }) => `Backtest of ${model}` },
  { pattern: 'models/:model/references', view: References, title: ({ model = '' }) => `References of ${model}` },
]

/** In the bar at the top. */
export const sections: ReadonlyArray<{ readonly name: string; readonly to: string }> = [
  { name: 'Fleet', to: '' },
  { name: 'Incidents', to: 'incidents' },
  { name: 'System', to: 'system' },
]

export interface FoundView {
  readonly entry: ViewEntry
  readonly parameters: Readonly<Record<string, string>>
}

export function findView(path: readonly string[], all: readonly ViewEntry[] = views): FoundView | undefined {
  for (const entry of all) {
    const parts = entry.pattern === '' ? [] : entry.pattern.split('/')
    if (parts.length !== path.length) continue
    if (!parts.every((part, i) => part.startsWith(':') || part === path[i])) continue
    const named = parts.flatMap((part, i) =>
      part.startsWith(':') ? [[part.slice(1), path[i] as string] as const] : [],
    )
    return { entry, parameters: Object.fromEntries(named) }
  }
  return undefined
}
