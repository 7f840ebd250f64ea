// What can be done over HTTP.

import { z } from 'zod'
import type { Effect } from './audited.ts'
import type { ActionRoute, Answer } from './route.ts'

/** What came of a reload, for whoever asked for it. */
export interface ReloadEffect extends Effect {
  /** What has changed, or what is wrong with the configuration and where. */
  readonly told: object
}

export interface Actions {
  /** Reads the configuration again and puts it into force, whole or not at all. */
  reload(): Promise<ReloadEffect>
}

export function actionRoutes({ reload }: Actions): readonly ActionRoute[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/reload',
      needs: 'operator',
      action: 'reload',
      body: z.strictObject({}),
      target: () => '',
      async act() {
        const { told, outcome, detail } = await reload()
        const answer: Answer =
          outcome === 'done'
            ? { status: 200, json: told }
            : { status: 422, json: { error: { message: detail, ...told } } }
        return { outcome, detail, answer }
      },
    },
  ]
}
