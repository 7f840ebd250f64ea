// The channel `alertmanager`: alerts of Prometheus Alertmanager (API v2).

import { z } from 'zod'
import type { Severity } from '../../incidents/incident.ts'
import { secretPath, url } from '../forms.ts'

const labelForm = 'the name of a label: letters, digits and underscores'
const reserved = ['alertname', 'model', 'version', 'kind', 'severity', 'incident']
const labelName = z
  .string(labelForm)
  .regex(/^[A-Za-z_]\w*$/, labelForm)
  .refine((name) => !reserved.includes(name), `another name than ${reserved.join(', ')}, which leeway sets itself`)
const labelText = z.string('the value of a label').min(1, 'the value of a label')

const address = url.refine(
  (text) => !/\/api\/v\d/.test(text) && !text.includes('?'),
  'the address of an Alertmanager without /api/v2/alerts, such as http://alertmanager:9093',
)

export const alertmanagerInput = z
  .strictObject({
    type: z.literal('alertmanager'),
    urls: z
      .array(address, 'a list of addresses such as [http://alertmanager:9093]')
      .min(1, 'at least one address')
      .describe('Every Alertmanager of a cluster: each is told, for they do not tell each other of alerts'),
    user: z.string('a user name').min(1, 'a user name').optional(),
    passwordFile: secretPath.optional().describe('With user: basic authentication'),
    tokenFile: secretPath.optional().describe('Bearer authentication'),
    severities: z
      .strictObject({
        critical: labelText.default('critical'),
        alarm: labelText.default('critical'),
        warning: labelText.default('warning'),
      })
      .prefault({})
      .describe('What the label severity says'),
    labels: z.record(labelName, labelText, 'labels by name').default({}).describe('On every alert, such as team: ml'),
  })
  .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), {
    error: 'user and passwordFile together, or neither',
  })
  .refine(({ user, tokenFile }) => user === undefined || tokenFile === undefined, {
    error: 'user and passwordFile, or tokenFile, not both',
  })

export interface AlertmanagerChannel {
  readonly type: 'alertmanager'
  readonly name: string
  /** Without a slash at their ends. */
  readonly urls: readonly string[]
  readonly login: { readonly user: string; readonly passwordFile: string } | { readonly tokenFile: string } | null
  readonly severities: Readonly<Record<Severity, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveAlertmanager(
  name: string,
  { type, urls, severities, labels, user, passwordFile, tokenFile }: z.output<typeof alertmanagerInput>,
  absolute: (path: string) => string,
): AlertmanagerChannel {
  const basic = user === undefined || passwordFile === undefined ? null : { user, passwordFile: absolute(passwordFile) }
  const login = tokenFile === undefined ? basic : { tokenFile: absolute(tokenFile) }
  return { type, name, urls: urls.map((one) => one.replace(/\/+$/, '')), login, severities, labels }
}
