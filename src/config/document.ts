// The document as a whole: what may be written, and what it means once everything left out is filled in.

import { z } from 'zod'
import type { LivenessRule } from '../incidents/liveness.ts'
import type { ChannelSettings } from './channel-settings.ts'
import { channels, network } from './channel-settings.ts'
import type { HandlingSettings } from './handling-settings.ts'
import { digests, inhibit, maintenance } from './handling-settings.ts'
import { limits } from './limits.ts'
import type { ModelSettings } from './model-settings.ts'
import { models } from './model-settings.ts'
import type { RetrainingSettings } from './retraining-settings.ts'
import { retraining } from './retraining-settings.ts'
import type { RouteSettings } from './route-settings.ts'
import { route } from './route-settings.ts'
import type { SourceSettings } from './source-settings.ts'
import { sources } from './source-settings.ts'

const notEmpty = (record: object) => Object.keys(record).length > 0

export const documentSchema = z.strictObject({
  apiVersion: z.literal('leeway/v1'),
  sources: sources.refine(notEmpty, 'at least one source').describe('Where events come from'),
  models: models.refine(notEmpty, 'at least one model').describe('What is watched'),
  channels: channels.optional().describe('Who can be told; left out: the console'),
  routes: z
    .array(route, 'a list of routes')
    .optional()
    .describe('Who is told of what; left out: everything goes to every channel'),
  retraining: retraining.default({}).describe('Whom to ask for a new model'),
  maintenance: maintenance.default({}).describe('Times in which nobody is told, known beforehand'),
  digests: digests.default({}).describe('How models fare, told daily or weekly'),
  inhibit: inhibit.describe('Kinds of incidents that explain others of the same model, which are not told meanwhile'),
  network: network.prefault({}).describe('Where messages, retraining requests and requests for tokens may go'),
  limits: limits.prefault({}).describe('How much of what comes in is read, kept and told apart'),
})

export type Limits = z.output<typeof limits>

/** What the document says, with every default filled in, durations in milliseconds and paths absolute. */
export interface Document {
  /** The file it was read from, as it was named. */
  readonly file: string
  /** SHA-256 of its text: tells which of its versions is in force. */
  readonly hash: string
  /** As it is written, before defaults are filled in: to be shown, redacted. */
  readonly written: unknown
  readonly sources: ReadonlyMap<string, SourceSettings>
  readonly models: ReadonlyMap<string, ModelSettings>
  /** By model: how long nothing may come. Apart from the models, for what a reference was learnt with does not change with it. */
  readonly liveness: ReadonlyMap<string, LivenessRule>
  readonly channels: ReadonlyMap<string, ChannelSettings>
  readonly routes: readonly RouteSettings[]
  /** By model. */
  readonly retraining: ReadonlyMap<string, RetrainingSettings>
  readonly handling: HandlingSettings
  readonly network: { readonly allow: readonly string[] }
  readonly limits: Limits
}
