// The page docs/false-alarms.md: what was measured, how to read it, and the tables.

import type { Cell, Lengths } from './cells.ts'
import { aimsTable, changeTable, culpritTable, markdownOf, quietTable } from './report.ts'
import type { Results } from './run-all.ts'

export interface PageOptions {
  readonly cells: readonly Cell[]
  readonly results: Results
  readonly seed: number
  readonly lengths: Lengths
}

export function pageOf({ cells, results, seed, lengths }: PageOptions): string {
  const aims = aimsTable(cells, results)
  const having = (status: string) => aims.rows.filter((row) => row.at(-1) === status).map(([aim]) => aim)
  const missed = having('missed')
  const culprits = culpritTable(cells, results)
  return `# False alarms, and what is found

Written by \`npm run simulate\` (seed ${seed}); do not edit. The same seed and the same code give the same numbers. Tables hold what was run: the columns *months* and *changes* say how much.

## Aims
${markdownOf(aims)}

${missed.length === 0 ? 'No aim is missed.' : `Missed: ${missed.join('; ')}. The tables below say by how much.`}${
  having('kept so far').length === 0
    ? ''
    : ' *Kept so far*: the rate is within the aim, but the months simulated are too few for its whole interval to be.'
}

What is not found: in traffic that moves by itself a change must stand out from that movement, so the same shift needs to be larger there, or to last longer, than in quiet
traffic; and a change under half of its floor (0.05 in PSI, or in standard deviations of the mean) is never an alarm, however sure it is. That is the price of the budget, and
the tables show it.

## What is measured
A model is simulated with its whole policy, as a daemon would run it by default: a reference is learnt from ${lengths.referenceDays} days of traffic, its
bins are frozen and its noise learnt; then windows slide over what follows, are judged (drift of every feature and of both outputs, numeric
features together, data quality, volume), and their verdicts advance the incidents. Labels do not come, so performance and its estimates are not part of it. \`falseAlarmBudget\` is 1 and \`minSamples\` 100, the defaults. Each month and each
group of changes has a model of its own, with a reference of its own.

- **Columns** are as hard as real ones. Numbers: normal, lognormal (σ 1 and 2), Pareto (α 1.5), Student t (3 degrees of freedom), zero-inflated
  (70 and 97 % zeros), Poisson (means 0.3, 3, 40), uniform, bimodal, exponential, rounded to whole years and to multiples of 5, capped, and a narrow one far
  from 0. Categories: 2 to 50, most by Zipf's law. Missing values: none to 20 %. Every model has a score and a decision as well.
- **Traffic**: *iid*: rows come independently, their number in a pane is Poisson's. *clustered*: each row comes five times. *seasonal .1, .3*: each
  column swings with the day by ± 0.1 or 0.3 standard deviations, each with its own phase. *autocorrelated*: each column wobbles slowly by itself,
  0.1 standard deviations, 0.9 of which stay from one 5-minute pane to the next. *mixed*: season 0.2, bursts of five and wobble 0.1 together. Columns that are not
  normal move on the scale of a normal variable with their quantiles. None of this is drift: the reference has it too.
- **Nothing happens**: ${lengths.monthDays} days of the same traffic. An *incident* counts when it fires: it is the message somebody gets. *Per feature-month* counts how often a
  feature becomes part of a firing drift incident, over features and months. Rates have an exact Poisson interval for the months simulated: no incident in 4 months
  only shows that there are fewer than 0.92 a month; the aims take all cells of a traffic together.
- **One column changes**: the mean or spread of a normal column, the share of one of five categories (22 to 32 %), the missing values of a column that had none.
  A change lasts a day (three windows when the window is a day), then the next model state begins afresh. *Found in windows that have lasted* is the share of windows in which the column is part of a firing
  incident, among those that lie wholly after the change and for which a persistence has passed: the longest that the policy may ask for (two windows and a slide), and in brackets the shortest (half a
  window). Once found, a change stays found until the column has been clear for a window. *Single windows* is the verdict alone, without persistence.
  *Delay* is counted in panes of 5 minutes from the change to the window in which the incident fires (the column then is in it); a window is 12 panes, so that in the
  first of them it holds a twelfth of the change.
- **Other rules**, on the same windows: *p < 0.05* (Kolmogorov-Smirnov of numbers, two-sample χ² of categories), *PSI > 0.1* (ten groups of equal share, or
  the categories), *mean + 3 sd* (Jensen-Shannon distance on the same groups, against its mean and standard deviation over the reference's own windows). They know no
  persistence: an alarm is a column that begins to be called drifted, and *windows* is the share of windows in which any column is. For changes: the share of windows in
  which the changed column is called drifted; they look at values alone, so missing ones are nothing to them.

## Nothing happens
${markdownOf(quietTable(cells, results))}

${culprits.rows.length === 0 ? 'Nothing fired.' : `What fired on nothing:\n\n${markdownOf(culprits)}`}

## One column changes
${markdownOf(changeTable(cells, results))}
`
}
