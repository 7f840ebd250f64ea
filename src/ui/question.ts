// What is asked before something is done.

import type { Content } from './html.ts'

export interface Question {
  readonly title: string
  /** What will happen, and fields if there are any. */
  readonly children?: Content
  /** On the button that does it. */
  readonly confirm: string
  /** Does it; what it throws is shown, and the question stays. */
  readonly act: (form: FormData) => Promise<void>
}
