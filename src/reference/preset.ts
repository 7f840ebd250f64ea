// Presets: the drift methods and defaults of other tools, for a team that moves from one of them. Never the default.

import type { EvidentlyMethod } from '../statistics/compatibility/evidently/methods.ts'
import { evidentlyMethods } from '../statistics/compatibility/evidently/methods.ts'
import type { NannymlMethod } from '../statistics/compatibility/nannyml/methods.ts'
import { nannymlMethods } from '../statistics/compatibility/nannyml/methods.ts'
import type { Linf } from '../statistics/compatibility/sagemaker/linf.ts'
import type { Column } from '../summaries/schema.ts'

type Kind = Column['kind']

/** Evidently's methods that bins can tell; the others need the values themselves. */
type EvidentlyBinned = Extract<
  EvidentlyMethod,
  'psi' | 'kl_div' | 'jensenshannon' | 'hellinger' | 'wasserstein' | 'ks' | 'chisquare' | 'z'
>

export type Preset = {
  /** As the configuration calls it. */
  readonly name: string
} & (
  | { readonly tool: 'evidently'; readonly method: EvidentlyBinned | 'default' }
  | { readonly tool: 'nannyml'; readonly method: NannymlMethod }
  | { readonly tool: 'sagemaker'; readonly method: Linf }
  | { readonly tool: 'azure' }
  | { readonly tool: 'vertex' }
)

const evidentlyBinned = ['psi', 'kl_div', 'jensenshannon', 'hellinger', 'wasserstein', 'ks', 'chisquare', 'z'] as const

const all: readonly Preset[] = [
  { name: 'evidently/default', tool: 'evidently', method: 'default' },
  ...evidentlyBinned.map((method) => ({ name: `evidently/${method}`, tool: 'evidently' as const, method })),
  { name: 'nannyml/default', tool: 'nannyml', method: 'jensen_shannon' },
  ...(Object.keys(nannymlMethods) as NannymlMethod[]).map((method) => ({
    name: `nannyml/${method}`,
    tool: 'nannyml' as const,
    method,
  })),
  { name: 'azure', tool: 'azure' },
  { name: 'sagemaker', tool: 'sagemaker', method: 'robust' },
  { name: 'sagemaker/linf_robust', tool: 'sagemaker', method: 'robust' },
  { name: 'sagemaker/linf_simple', tool: 'sagemaker', method: 'simple' },
  { name: 'vertex', tool: 'vertex' },
]
const presets: ReadonlyMap<string, Preset> = new Map(all.map((preset) => [preset.name, preset]))

export const presetNames: readonly string[] = [...presets.keys()]

/** @throws RangeError if there is no preset of that name */
export function presetNamed(name: string): Preset {
  const preset = presets.get(name)
  if (preset === undefined) throw new RangeError(`presetNamed: name is ${name}, there is no such preset`)
  return preset
}

const needsValues = 'it needs the values themselves, which windows do not keep'

/** Methods of other tools that are no presets: why, and what to use instead. */
export const unavailablePresets: ReadonlyMap<string, string> = new Map([
  ...['t_test', 'mannw', 'ed', 'anderson', 'cramer_von_mises', 'es'].map(
    (method) => [`evidently/${method}`, `${needsValues}; use evidently/ks or evidently/wasserstein`] as const,
  ),
  ['evidently/g_test', 'it is only defined for samples of equal size; use evidently/chisquare'],
  ['evidently/fisher_exact', 'it is only defined for samples of equal size; use evidently/z'],
  ['evidently/TVD', 'its p-value is drawn by lot; use evidently/jensenshannon'],
  ['evidently/empirical_mmd', `its p-value is drawn by lot, and ${needsValues}; use evidently/wasserstein`],
  ['evidently/perc_text_content_drift', 'it trains a classifier on texts; send their lengths or topics as features'],
  ['evidently/abs_text_content_drift', 'it trains a classifier on texts; send their lengths or topics as features'],
])

/** Whether a preset is for columns of a kind. */
export function isFor(preset: Preset, kind: Kind): boolean {
  if (kind === 'embedding') return false
  switch (preset.tool) {
    case 'evidently':
      return preset.method === 'default' || (evidentlyMethods[preset.method].types as readonly string[]).includes(kind)
    case 'nannyml': {
      const type = kind === 'numeric' ? 'continuous' : 'categorical'
      return (nannymlMethods[preset.method].types as readonly string[]).includes(type)
    }
    default:
      return true
  }
}

/** Whether a preset has one threshold that a number can take the place of. */
export function takesThreshold(preset: Preset): boolean {
  return !('method' in preset && (preset.method === 'default' || preset.method === 'chi2'))
}

/** A preset with the threshold that was set for it; null for its own. */
export interface PresetChoice {
  readonly preset: Preset
  readonly threshold: number | null
}

/** Which columns are judged as another tool would. */
export interface PresetSettings {
  /** For columns without a choice of their own; null: by Leeway's rule. */
  readonly all: PresetChoice | null
  /** By column; null: by Leeway's rule. Null prototype: columns may have any name. */
  readonly columns: Readonly<Record<string, PresetChoice | null>>
}

/**
 * The preset that judges a column; null where Leeway's own rule does.
 *
 * Where the preset of all columns is not for columns of this kind, its tool's default takes its place.
 */
export function presetOf(
  settings: PresetSettings | undefined,
  { name, kind }: { readonly name: string; readonly kind: Kind },
): PresetChoice | null {
  if (settings === undefined || kind === 'embedding') return null
  const own = settings.columns[name]
  if (own !== undefined) return own
  if (settings.all === null || isFor(settings.all.preset, kind)) return settings.all
  return { preset: presetNamed(`${settings.all.preset.tool}/default`), threshold: null }
}
