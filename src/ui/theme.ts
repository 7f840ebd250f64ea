// Light, dark, or what the system says.

import { useState } from 'preact/hooks'
import { html } from './html.ts'

const KEY = 'leeway-theme'
const choices = ['system', 'light', 'dark'] as const
type Theme = (typeof choices)[number]

function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY) as Theme
    return choices.includes(found) ? found : 'system'
  } catch {
    // A browser that keeps nothing.
    return 'system'
  }
}

/** Before anything is drawn. */
export function applyTheme(theme: Theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(stored)
  const choose = (event: Event) => {
    const next = (event.target as HTMLSelectElement).value as Theme
    try {
      localStorage.setItem(KEY, next)
    } catch {
      // It holds for this page.
    }
    applyTheme(next)
    setTheme(next)
  }
  return html`<label class="theme"><span class="unseen">Colours</span>
    <select value=${theme} onChange=${choose}>
      <option value="system">Auto</option><option value="light">Light</option><option value="dark">Dark</option>
    </select>
  </label>`
}
