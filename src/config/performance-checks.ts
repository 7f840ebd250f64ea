// Whether what is said of a model's metrics fits its task and its classes.

import { className } from '../events/class-name.ts'
import type { Floor } from '../monitors/subject.ts'
import type { Direction } from '../reference/performance.ts'
import { directionOf, isCompared, metricsOf, PINBALL } from '../reference/performance.ts'
import { RANKS_MAX } from '../summaries/outcomes/multiclass.ts'
import type { Task } from '../summaries/schema.ts'
import type { Path } from './explain.ts'
import { listNames, suggest } from './explain.ts'
import type { ModelInput } from './model-settings.ts'
import type { Finding } from './schema-problems.ts'

/** What could be read of a model. */
type Settings = Partial<Pick<ModelInput, 'task' | 'performance' | 'classes' | 'positiveClass'>>

const worseWord: Readonly<Record<Direction, 'drop' | 'rise'>> = { higher: 'drop', lower: 'rise', zero: 'rise' }

/** Whether the task has the metrics that are named, and each may alarm by what it is. */
export function checkMetrics({ task, performance }: Settings): Finding[] {
  if (task === undefined || performance === undefined) return []
  const { metrics, alarm } = performance
  const known = metricsOf[task]
  const findings: Finding[] = []
  const fault = (path: Path, message: string) => findings.push({ path: ['performance', ...path], message })
  const unknown = (metric: string) => `a ${task} model has no ${metric}; it has ${known.join(', ')}`
  for (const [i, metric] of metrics?.entries() ?? []) {
    if (!known.includes(metric)) fault(['metrics', i], unknown(metric))
    else if (metrics?.indexOf(metric) !== i) fault(['metrics', i], `${metric} is listed twice`)
  }
  for (const [metric, floor] of Object.entries((alarm ?? {}) as Readonly<Record<string, Floor>>)) {
    const worse = worseWord[directionOf(metric)]
    if (!known.includes(metric)) fault(['alarm', metric], unknown(metric))
    else if (!isCompared(metric)) fault(['alarm', metric], `${metric} is only shown, for it says nothing of a change`)
    else if (metrics !== undefined && !metrics.includes(metric)) {
      fault(['alarm', metric], `${metric} is not one of the metrics of this model; add it to performance.metrics`)
    } else if (!(worse in floor)) {
      fault(['alarm', metric], `${metric} gets worse when it ${worse}s; write {${worse}: ${Object.values(floor)[0]}}`)
    }
  }
  return findings
}

/** Options that belong to a metric, in the tasks that have it. */
const owners = {
  quantiles: { tasks: ['regression'], metrics: [PINBALL] },
  cost: { tasks: ['binary', 'multiclass'], metrics: ['business_value', 'business_value_total'] },
} as const satisfies Record<string, { tasks: readonly Task[]; metrics: readonly string[] }>

/** Whether the options beside the metrics' names are of use to them. */
export function checkMetricOptions({ task, performance, classes, positiveClass }: Settings): Finding[] {
  if (task === undefined || performance === undefined) return []
  const findings: Finding[] = []
  const fault = (path: Path, message: string) => findings.push({ path: ['performance', ...path], message })
  const { metrics, alarm, top, quantiles, cost } = performance
  const named = [...(metrics ?? []), ...Object.keys(alarm ?? {})]
  for (const [option, { tasks, metrics: own }] of Object.entries(owners)) {
    const present = performance[option as keyof typeof owners] !== undefined
    const fits = (tasks as readonly string[]).includes(task)
    const wanted = own.find((metric) => named.includes(metric))
    if (present && !fits) fault([option], `a ${task} model has no use for it; leave it out`)
    else if (present && metrics !== undefined && wanted === undefined) {
      fault([option], `none of the metrics of this model needs it; add ${own[0]} to performance.metrics`)
    } else if (!present && fits && wanted !== undefined) {
      fault(['metrics'], `${wanted} needs performance.${option}, which is missing`)
    }
  }
  for (const [i, quantile] of quantiles?.entries() ?? [])
    if (quantiles?.indexOf(quantile) !== i) fault(['quantiles', i], `${quantile} is listed twice`)
  if (top !== undefined) findings.push(...checkTop(task, top))
  if (cost !== undefined && (task === 'binary' || task === 'multiclass')) {
    findings.push(...checkCost(cost, { task, classes, positiveClass }))
  }
  return findings
}

function checkTop(task: Task, top: number): Finding[] {
  const fault = (message: string): Finding[] => [{ path: ['performance', 'top'], message }]
  if (task === 'binary') {
    return top < 1 ? [] : fault(`of a binary model it is a share of the rows below 1, such as 0.1; found ${top}`)
  }
  if (task === 'multiclass') {
    return Number.isInteger(top) && top <= RANKS_MAX
      ? []
      : fault(`of a multiclass model it is a whole number of classes from 1 to ${RANKS_MAX}; found ${top}`)
  }
  return fault(`a ${task} model has no use for it; leave it out`)
}

function checkCost(
  cost: Readonly<Record<string, Readonly<Record<string, number>>>>,
  { task, classes, positiveClass }: Pick<Settings, 'task' | 'classes' | 'positiveClass'>,
): Finding[] {
  const findings: Finding[] = []
  const names = new Set<string>()
  const check = (path: Path, name: string) => {
    names.add(name)
    if (classes === undefined || classes.includes(name)) return
    const message = `${name} is not one of the classes ${listNames(classes)}${suggest(name, classes)}`
    findings.push({ path: ['performance', 'cost', ...path], message })
  }
  for (const [truth, costs] of Object.entries(cost)) {
    check([truth], className(truth))
    for (const prediction of Object.keys(costs)) check([truth, prediction], className(prediction))
  }
  if (task === 'binary' && names.size > 2) {
    const message = `a binary model has two classes, found ${names.size}: ${[...names].join(', ')}`
    findings.push({ path: ['performance', 'cost'], message })
  }
  if (positiveClass !== undefined && classes === undefined && names.size === 2 && !names.has(positiveClass)) {
    const message = `the positive class ${positiveClass} is missing among ${[...names].join(', ')}`
    findings.push({ path: ['performance', 'cost'], message })
  }
  return findings
}
