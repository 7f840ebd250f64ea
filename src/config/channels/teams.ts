// The channel `teams`: cards in Microsoft Teams, by a workflow.

import { z } from 'zod'
import { secretPath } from '../forms.ts'

export const teamsInput = z.strictObject({
  type: z.literal('teams'),
  urlFile: secretPath.describe('File with the address of the workflow: who knows it may post'),
})

export interface TeamsChannel {
  readonly type: 'teams'
  readonly name: string
  readonly urlFile: string
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveTeams(
  name: string,
  { type, urlFile }: z.output<typeof teamsInput>,
  absolute: (path: string) => string,
): TeamsChannel {
  return { type, name, urlFile: absolute(urlFile) }
}
