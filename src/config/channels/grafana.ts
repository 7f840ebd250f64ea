// The channel `grafana`: annotations on dashboards.

import { z } from 'zod'
import { secretPath, url } from '../forms.ts'

const tagForm = 'a tag of 1 to 100 characters'

export const grafanaInput = z
  .strictObject({
    type: z.literal('grafana'),
    url: url.describe('The address of Grafana, such as https://grafana.example.org'),
    tokenFile: secretPath.describe('File with the token of a service account that may read and write annotations'),
    tags: z
      .array(z.string(tagForm).min(1, tagForm).max(100, tagForm), 'a list of tags')
      .max(10, 'at most 10 tags')
      .default([])
      .describe('On every annotation, beside leeway'),
    dashboard: z
      .string('the UID of a dashboard')
      .min(1, 'the UID of a dashboard')
      .optional()
      .describe('One dashboard, by its UID; left out: every dashboard that asks for the tag'),
    panel: z.int('the number of a panel').min(1, 'the number of a panel').optional(),
  })
  .refine(({ dashboard, panel }) => panel === undefined || dashboard !== undefined, {
    error: 'dashboard beside panel',
  })

export interface GrafanaChannel {
  readonly type: 'grafana'
  readonly name: string
  /** Without a slash at its end. */
  readonly url: string
  readonly tokenFile: string
  readonly tags: readonly string[]
  readonly dashboard: { readonly uid: string; readonly panel: number | null } | null
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveGrafana(
  name: string,
  { type, url, tokenFile, tags, dashboard, panel }: z.output<typeof grafanaInput>,
  absolute: (path: string) => string,
): GrafanaChannel {
  const place = dashboard === undefined ? null : { uid: dashboard, panel: panel ?? null }
  return { type, name, url: url.replace(/\/+$/, ''), tokenFile: absolute(tokenFile), tags, dashboard: place }
}
