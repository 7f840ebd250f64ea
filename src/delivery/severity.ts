import type { Severity } from '../incidents/incident.ts'

const order: readonly Severity[] = ['warning', 'alarm', 'critical']

export function isMilder(one: Severity, other: Severity): boolean {
  return order.indexOf(one) < order.indexOf(other)
}
