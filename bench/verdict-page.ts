// The page of verdicts: what leeway says of each data set, beside what really happened and what other libraries say.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { metricName, percent, plainNumber, withInterval } from '../src/delivery/wording.ts'
import type { Incident, Replay, Verdict, Window, Windows } from '../test/build/replay.ts'
import type { DataSet, Peers } from './verdict-sets.ts'

export const pagePath = join(import.meta.dirname, '..', 'docs', 'verdicts.md')

/** One set, replayed with the windows of its configuration, and with those the other libraries were given. */
export interface Judged {
  readonly set: DataSet
  readonly configured: Replay
  readonly alike: Replay
}

const head = `# Verdicts on real data

Written by \`npm run verdicts\`, which replays every set through \`leeway replay\`; a test repeats it and compares. Where the sets come from:
[test/data/README.md](../test/data/README.md). Nothing was tuned for them but the lengths of the windows.

## What was said
With the windows of each configuration. *Since* is the end of the first window over the threshold, *told* the event time at which people were told: performance has to wait for its
labels. A list of features is what the first message names, and what joined later; *critical* when it was told that it had become so.
`

const besideHead = `
## Beside other libraries
The same rows in windows one after another, of the length in the last column; figures are windows that alarm. leeway: any feature; then all features together, the estimate without
labels (it may only warn; *broken* where it is not believed, for labels refuted it), and the performance with labels. It was given this one window size, and its false-alarm budget is that of a month. The others at
their defaults (Evidently 0.7.23, whylogs 1.6.4, Alibi Detect 0.13.0, NannyML 0.13.1, river 0.26.1) on at most 20 windows: any column / the library's verdict on the whole. NannyML: any
column; then reconstruction, estimated and realised performance. river: ADWIN on the error of each row, alarms in the reference / in production. *Worse*: windows whose metric is worse than
every one of 400 random windows of the reference.

`

/** The whole page. */
export function verdictPage(judged: readonly Judged[]): string {
  const said = table(
    ['set', 'what really happened', 'wanted', 'what leeway says'],
    judged.map(({ set, configured }) => [
      `**${set.name}**<br>${windowsText(configuredWindows(set))}`,
      set.happened,
      set.wanted,
      saidText(configured),
    ]),
  )
  const beside = table(
    ['set', 'worse', 'leeway', 'Evidently', 'whylogs', 'Alibi Detect', 'NannyML', 'river', 'windows'],
    judged.map(({ set: { name, peers, rows, windows }, alike }) => [
      name,
      worseText(peers),
      alarmsText(alike.windows),
      peers.evidently,
      peers.whylogs,
      peers.alibi,
      peers.nannyml,
      peers.river,
      `${rows.toLocaleString('en-US')} rows, ${windows[0]?.size}`,
    ]),
  )
  return `${head}\n${said}${besideHead}${beside}`
}

function configuredWindows({ config }: DataSet): Windows {
  const document = parse(readFileSync(join(import.meta.dirname, '..', config), 'utf8'))
  const [model] = Object.values<{ windows: Windows }>(document.models)
  return model?.windows ?? []
}

function windowsText(windows: Windows): string {
  return windows.map(({ size, slide }) => `${size} every ${slide}`).join(', ')
}

function table(titles: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return `${line(titles)}${line(titles.map(() => '---'))}${rows.map(line).join('')}`
}

/** Every incident that people were told of, in the order they were told; and when estimates were not believed. */
function saidText({ incidents, windows }: Replay): string {
  const fired = incidents.filter(({ change }) => change === 'firing')
  if (fired.length === 0) return `nothing, in ${windows.length} windows`
  const broken = windows.filter(({ verdicts }) => verdicts.some(isBroken))
  const brokenText =
    broken.length === 0
      ? []
      : [`estimates refuted by labels, and not told, in ${broken.length} of ${windows.length} windows`]
  return [...fired.map((incident) => incidentText(incident, incidents)), ...brokenText].join('<br>')
}

/** An estimate that is not believed any more, for labels have refuted it. */
export function isBroken({ kind, reason }: Verdict): boolean {
  return kind === 'estimated' && reason?.startsWith('calibration broken') === true
}

function incidentText(fired: Incident, all: readonly Incident[]): string {
  const later = all.slice(all.indexOf(fired) + 1).filter(({ id }) => id === fired.id)
  const resolved = later.find(({ change }) => change === 'resolved')
  const critical =
    fired.severity === 'critical'
      ? undefined
      : later.find(({ severity, change }) => severity === 'critical' && change === 'update')
  const joined = [
    ...new Set(
      later.flatMap((one) =>
        one.change === 'update' && (one !== critical || fired.kind === 'drift') ? one.features : [],
      ),
    ),
  ].filter((name) => !fired.features.includes(name))
  const worse = critical === undefined ? '' : `; critical ${minute(critical.at)}`
  const also = joined.length === 0 ? '' : `; later ${joined.join(', ')}`
  const end = resolved === undefined ? 'not resolved by the end of the file' : `resolved ${minute(resolved.at)}`
  return `**${fired.kind}** since ${minute(fired.since)}, told ${minute(fired.at)}: ${aboutText(fired)}${also}${worse}; ${end}`
}

function aboutText({ kind, evidence, features }: Incident): string {
  if (kind !== 'performance' && kind !== 'estimated') return features.length > 0 ? features.join(', ') : kind
  return evidence
    .map(({ metric, reference, value, low, high, errors }) =>
      errors === undefined
        ? `${metricName(metric)} ${reference === null ? '' : `${plainNumber(reference)} → `}${withInterval(value, low, high)}`
        : `errors ${percent(errors.reference)} → ${percent(errors.current)}`,
    )
    .join(', ')
}

function worseText({ worse, better, windows }: Peers): string {
  return `${worse} of ${windows}${better === undefined ? '' : `, better in ${better}`}`
}

/** `2026-02-01T06:00Z`: seconds matter to nobody here. */
function minute(instant: string): string {
  return `${instant.slice(0, 16)}Z`
}

/** Windows in which features, all features together, the estimate without labels and the performance with them are not in order. */
function alarmsText(windows: readonly Window[]): string {
  const having = (isMeant: (verdict: Verdict) => boolean) =>
    windows.filter(({ verdicts }) => verdicts.some(isMeant)).length
  const alarming = (prefix: string) => having(({ status, monitor }) => status === 'alarm' && monitor.startsWith(prefix))
  const performance = having(({ status, kind }) => status === 'alarm' && kind === 'performance')
  const estimated = having(({ kind, status }) => kind === 'estimated' && status === 'warning')
  const broken = having(isBroken)
  const brokenText = broken === 0 ? '' : ` (broken ${broken})`
  return `${alarming('drift/')}; ${alarming('multivariate/')}, ${estimated}${brokenText}, ${performance} of ${windows.length}`
}
