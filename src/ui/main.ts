// Where the browser begins.

import { render } from 'preact'
import { App } from './app.ts'
import { html } from './html.ts'
import { applyTheme } from './theme.ts'

// This very file lies in `assets/` under the UI's root, wherever a proxy has put that.
const root = new URL('../', import.meta.url)

// Its address is relative to the page's, which changes with every link that is followed.
const sign = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
if (sign !== null) sign.href = new URL(sign.href, location.href).href

applyTheme()
render(html`<${App} root=${root} />`, document.getElementById('app') as HTMLElement)
