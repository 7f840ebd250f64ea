// Settings that the documentation speaks of but this version does not have. Without this list they would look like typing errors.

import type { Path } from './explain.ts'

const anything = '*'

/** Settings by path, with what to do instead. */
const settings: ReadonlyArray<readonly [path: readonly string[], instead: string]> = [
  [['models', anything, 'discover'], 'list every model by name'],
  [['silences'], 'write known times under maintenance, and add silences while it runs: leeway silences add'],
]

/** Values of settings, with what to do instead. */
const values: ReadonlyArray<readonly [path: readonly string[], values: readonly string[], instead: string]> = [
  [
    ['retraining', anything, 'target'],
    ['vertex', 'azureml', 'flyte', 'kubernetes'],
    'describe its requests with {target: http, …}, or use {target: webhook, url: …} and start the run from there',
  ],
  [['sources', anything, 'type'], ['http', 'cloudevents'], 'use kafka or file'],
  [
    ['sources', anything, 'events'],
    ['avro', 'protobuf', 'cloudevents'],
    'send JSON: canonical, or a mapping of its fields',
  ],
  [
    ['sources', anything, 'topics', anything, 'events'],
    ['avro', 'protobuf', 'cloudevents'],
    'send JSON: canonical, or a mapping of its fields',
  ],
  [
    ['models', anything, 'task'],
    ['ranking'],
    'send one row per item instead, as task: binary with a score; NDCG, MAP, MRR and hit rate are in the library (statistics/performance/ranking-metrics)',
  ],
  [['channels', anything, 'type'], ['opsgenie', 'discord'], 'use {type: webhook, url: …}'],
]

/** What to do instead of a setting that is not there yet; undefined for any other. */
export function insteadOfSetting(path: Path): string | undefined {
  return settings.find(([pattern]) => fits(pattern, path))?.[1]
}

/** What to do instead of a value that is not there yet; undefined for any other. */
export function insteadOfValue(path: Path, value: unknown): string | undefined {
  return values.find(([pattern, names]) => fits(pattern, path) && names.includes(value as string))?.[2]
}

function fits(pattern: readonly string[], path: Path): boolean {
  return pattern.length === path.length && pattern.every((step, i) => step === anything || step === path[i])
}
