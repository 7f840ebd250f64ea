// A question before something that costs: it says what will happen, and asks once. The browser's own dialog keeps the focus inside,
// closes at Escape, and gives the focus back.

import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from './api.ts'
import type { Content } from './html.ts'
import { html } from './html.ts'

export interface AskOptions {
  /** On the button that opens it: `Approve retraining …` */
  readonly open: string
  readonly title: string
  /** What will happen, and fields if there are any. */
  readonly children?: Content
  /** On the button that does it. */
  readonly confirm: string
  /** Does it; what it throws is shown, and the dialog stays. */
  readonly act: (form: FormData) => Promise<void>
  readonly kind?: 'primary' | 'plain' | 'grave'
  readonly disabled?: boolean
}

export function Ask({ open, title, children, confirm, act, kind = 'plain', disabled = false }: AskOptions) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
  }, [isOpen])
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    setError('')
    try {
      await act(new FormData(event.target as HTMLFormElement))
      dialog.current?.close()
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown.message : String(thrown))
    } finally {
      setBusy(false)
    }
  }
  return html`<span class="ask">
    <button type="button" class=${kind} disabled=${disabled} onClick=${() => setOpen(true)}>${open}</button>
    ${
      isOpen &&
      html`<dialog ref=${dialog} aria-label=${title} onClose=${() => {
        setOpen(false)
        setError('')
      }}>
        <form method="dialog" onSubmit=${submit}>
          <h2>${title}</h2>
          ${children}
          ${error !== '' && html`<p class="error" role="alert">${error}</p>`}
          <p class="buttons">
            <button type="submit" class="primary" disabled=${isBusy}>${isBusy ? 'One moment …' : confirm}</button>
            <button type="button" onClick=${() => dialog.current?.close()}>Cancel</button>
          </p>
        </form>
      </dialog>`
    }
  </span>`
}
