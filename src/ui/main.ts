// Where the browser begins.

import { render } from 'preact'
import { App } from './app.ts'
import { html } from './html.ts'
import { applyTheme } from './theme.ts'

// This very file lies in `assets/` under the UI's root, wherever a proxy has put that.
const root = new URL('../', import.meta.url)

applyTheme()
render(html`<${App} root=${root} />`, document.getElementById('app') as HTMLElement)
