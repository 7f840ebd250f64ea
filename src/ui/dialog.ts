// A question before something that costs: it says what will happen, and asks once. The browser's own dialog keeps the focus inside,
// closes at Escape, and gives the focus back.
//
// It stands beside the page and not in it: whatever is read anew below it, what was asked stays as it was asked, and what was typed stays.
// Should it have been answered meanwhile, the daemon says so.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from './api.ts'
import { html } from './html.ts'
import { isSecondOfTwo, letNoHeldKeyPress } from './press.ts'
import type { Question } from './question.ts'
import { useSurroundingsIfAny } from './surroundings.ts'

export interface AskOptions extends Question {
  /** On the button that opens it: `Approve retraining …` */
  readonly open: string
  readonly kind?: 'primary' | 'plain' | 'grave'
  readonly disabled?: boolean
}

/** A button that asks before it does something. */
export function Ask({ open, kind = 'plain', disabled = false, ...question }: AskOptions) {
  const surroundings = useSurroundingsIfAny()
  const pose = (event: MouseEvent) => {
    if (!isSecondOfTwo(event)) surroundings?.pose(question)
  }
  return html`<span class="ask"><button type="button" class=${kind} disabled=${disabled} onClick=${pose} onKeyDown=${letNoHeldKeyPress}>${open}</button></span>`
}

export interface AskedOptions {
  readonly question: Question
  /** Out of sight for a while: something else is asked first. */
  readonly isAside: boolean
  /** It was answered, or will not be. */
  readonly done: () => void
}

/** The question that is open. */
export function Asked({ question, isAside, done }: AskedOptions) {
  const { title, children, confirm, act } = question
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const answer = useRef<HTMLButtonElement>(null)
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    if (isAside) dialog.current?.close()
    // Whatever has closed it while it was sent: what went wrong is still told.
    if (isAside || isBusy || dialog.current?.open === true) return
    dialog.current?.showModal()
    // Without fields the answer would have the focus, and a key that is pressed twice would give it unread.
    if (document.activeElement !== answer.current || heading.current === null) return
    heading.current.tabIndex = -1
    heading.current.focus()
  }, [isAside, isBusy])
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    setError('')
    try {
      await act(new FormData(event.target as HTMLFormElement))
      dialog.current?.close()
      done()
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown.message : String(thrown))
    } finally {
      setBusy(false)
    }
  }
  const press = (event: MouseEvent) => isSecondOfTwo(event) && event.preventDefault()
  // What is under way is not called back by closing the question.
  const cancel = (event: Event) => isBusy && event.preventDefault()
  const closed = () => dialog.current?.open !== true && !isAside && !isBusy && done()
  return html`<dialog ref=${dialog} aria-label=${title} onCancel=${cancel} onClose=${closed} onKeyDown=${letNoHeldKeyPress}>
    <form method="dialog" onSubmit=${submit}>
      <h2 ref=${heading}>${title}</h2>
      ${children}
      ${error !== '' && html`<p class="error" role="alert">${error}</p>`}
      <p class="buttons">
        <button type="submit" class="primary" ref=${answer} disabled=${isBusy} onClick=${press}>${isBusy ? 'One moment …' : confirm}</button>
        <button type="button" disabled=${isBusy} onClick=${() => dialog.current?.close()}>Cancel</button>
      </p>
    </form>
  </dialog>`
}
