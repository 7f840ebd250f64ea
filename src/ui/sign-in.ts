// Where a token is asked for.

import { html } from './html.ts'
import type { Session } from './session.ts'

/** What a header can carry: one with anything else could not even be sent. */
const PATTERN = '\\s*[!-~]{1,512}\\s*'

export function SignIn({ session }: { readonly session: Session }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const token = new FormData(event.target as HTMLFormElement).get('token')
    if (typeof token === 'string' && token.trim() !== '') session.use(token.trim())
  }
  const hasToken = session.token !== null
  const wasRefused = hasToken && session.asks === 'refused'
  return html`<div class="sign-in">
    <h1>A token, please</h1>
    <p>Who may see the models, and who may do something about them, is told by a token. It is one of the file that LEEWAY_TOKENS_FILE names.</p>
    ${wasRefused && html`<p class="error" role="alert">The token that was given is not known here; it may have been replaced.</p>`}
    <form onSubmit=${submit}>
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="off" required pattern=${PATTERN} title="letters, digits and signs of ASCII, without blanks within" />
      <p class="buttons">
        <button type="submit" class="primary">Use it</button>
        ${session.asks === 'wished' && html`<button type="button" onClick=${() => session.keep()}>${hasToken ? 'Keep the one there is' : 'Back'}</button>`}
        <button type="button" onClick=${() => session.use(null)}>Go on without</button>
      </p>
    </form>
    <p class="muted">It stays in this tab, and is forgotten when the tab is closed.</p>
  </div>`
}
