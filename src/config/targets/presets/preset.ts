// An orchestrator that needs an address and a few names in the document: the rest of its description is here, as data.

import type { z } from 'zod'
import type { HttpBlocksInput } from '../http-blocks.ts'

export interface Preset {
  /** `Airflow`, for what is said. */
  readonly calls: string
  /** Where it is, when the document does not say; may hold `{{settings.NAME}}`. */
  readonly url?: string
  /** Names that the document gives, beside address and login. `{{settings.NAME}}` stands for each. */
  readonly settings: Readonly<Record<string, z.ZodType<string | undefined>>>
  /** How it can be logged in to; the document shows which one is meant by what it names. */
  readonly logins: ReadonlyArray<PresetLogin>
  readonly blocks: HttpBlocksInput
}

export type PresetLogin =
  | { readonly by: 'nothing' }
  /** `user` and `passwordFile`. */
  | { readonly by: 'basic' }
  /** `user` and `tokenFile`, as a password. */
  | { readonly by: 'user token' }
  /** `user` and `passwordFile`, for which it gives a token. */
  | { readonly by: 'login'; readonly path: string; readonly token: string }
  /** `tokenFile`. */
  | { readonly by: 'token'; readonly header: string; readonly prefix: string }
  /** `accessKeyFile` and `secretKeyFile`, perhaps `sessionTokenFile`. */
  | { readonly by: 'aws'; readonly service: string }
