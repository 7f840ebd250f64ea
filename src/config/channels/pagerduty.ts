// The channel `pagerduty`: alerts and changes by the Events API v2.

import { z } from 'zod'
import type { Severity } from '../../incidents/incident.ts'
import { secretPath, url } from '../forms.ts'

const severityForm = 'critical, error, warning or info'
const severity = z.enum(['critical', 'error', 'warning', 'info'], severityForm)

export const pagerDutyInput = z.strictObject({
  type: z.literal('pagerduty'),
  routingKeyFile: secretPath.describe('File with the integration key of the service (Events API v2)'),
  region: z.enum(['us', 'eu'], 'us or eu').default('us').describe('Where the account lives'),
  url: url.optional().describe('Another address than that of the region, such as a gateway of your own'),
  severities: z
    .strictObject({
      critical: severity.default('critical'),
      alarm: severity.default('error'),
      warning: severity.default('warning'),
    })
    .prefault({})
    .describe('How bad PagerDuty takes each severity to be'),
})

export interface PagerDutyChannel {
  readonly type: 'pagerduty'
  readonly name: string
  readonly routingKeyFile: string
  /** Without a slash at its end. */
  readonly url: string
  readonly severities: Readonly<Record<Severity, z.output<typeof severity>>>
}

const regions = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' }

/** @param absolute makes a path absolute against the folder of the document */
export function resolvePagerDuty(
  name: string,
  { type, routingKeyFile, region, url: own, severities }: z.output<typeof pagerDutyInput>,
  absolute: (path: string) => string,
): PagerDutyChannel {
  const url = (own ?? regions[region]).replace(/\/+$/, '')
  return { type, name, routingKeyFile: absolute(routingKeyFile), url, severities }
}
