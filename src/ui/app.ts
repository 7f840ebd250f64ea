// The page: the bar at the top, the view that the address leads to, and what is asked before anything can be shown.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Address } from './address.ts'
import { parseAddress } from './address.ts'
import { createApi } from './api.ts'
import { Changes } from './changes.ts'
import { Asked } from './dialog.ts'
import { html } from './html.ts'
import { Link } from './link.ts'
import type { LiveLink } from './live.ts'
import { LiveSign, useLive } from './live-sign.ts'
import type { Question } from './question.ts'
import { Session } from './session.ts'
import { SignIn } from './sign-in.ts'
import { Empty } from './states.ts'
import type { Surroundings } from './surroundings.ts'
import { InSurroundings } from './surroundings.ts'
import { tabStorage } from './tab-storage.ts'
import { ThemeChoice } from './theme.ts'
import { findView, sections } from './views.ts'
import { Who } from './who.ts'

/** @param root of the UI, with a slash at its end: `https://host/ui/` */
export function App({ root }: { readonly root: URL }) {
  const [address, setAddress] = useState(() => parseAddress(root.pathname, new URL(location.href)))
  const session = useMemo(() => new Session(tabStorage()), [])
  const api = useMemo(() => createApi(new URL('../', root), session), [root, session])
  const changes = useMemo(() => new Changes(), [])
  const link = useLive(api, changes, session)
  const drafts = useMemo(() => new Map<string, string>(), [])
  const [question, setQuestion] = useState<Question | null>(null)
  const [asks, setAsks] = useState(session.asks)
  useEffect(
    () =>
      session.listen(() => {
        setAsks(session.asks)
        // Whoever signs out leaves nothing behind.
        if (session.token !== null) return
        drafts.clear()
        setQuestion(null)
      }),
    [session, drafts],
  )
  useEffect(() => {
    const moved = () => setAddress(parseAddress(root.pathname, new URL(location.href)))
    addEventListener('popstate', moved)
    return () => removeEventListener('popstate', moved)
  }, [root])
  const place = address.path.join('/')
  // Whoever goes elsewhere answers nothing here.
  useEffect(() => setQuestion(null), [place])
  const surroundings: Surroundings = {
    ...{ address, api, changes, session, drafts, pose: setQuestion },
    href: (to) => root.pathname + to,
    go: (to, { replace = false } = {}) => {
      const url = new URL(root.pathname + to, location.href)
      history[replace ? 'replaceState' : 'pushState'](null, '', url)
      const next = parseAddress(root.pathname, url)
      if (!replace && next.path.join('/') !== place) scrollTo(0, 0)
      setAddress(next)
    },
  }
  return html`<${InSurroundings.Provider} value=${surroundings}>
    <a class="skip" href="#main">Skip to the content</a>
    <${Bar} address=${address} link=${link} />
    <main id="main" tabindex="-1">
      ${asks !== null && html`<${SignIn} session=${session} />`}
      ${(asks === null || question !== null) && html`<div hidden=${asks !== null}><${Page} address=${address} /></div>`}
    </main>
    ${question !== null && html`<${Asked} question=${question} isAside=${asks !== null} done=${() => setQuestion(null)} />`}
  </${InSurroundings.Provider}>`
}

function Bar({ address, link }: { readonly address: Address; readonly link: LiveLink }) {
  const [first = ''] = address.path
  return html`<header class="bar">
    <${Link} to="" class="brand">Leeway</${Link}>
    <nav aria-label="Sections"><ul>
      ${sections.map(({ name, to }) => html`<li><${Link} to=${to} current=${(to === '' && ['', 'models'].includes(first)) || (to !== '' && first === to)}>${name}</${Link}></li>`)}
    </ul></nav>
    <div class="aside"><${Who} /><${LiveSign} link=${link} /><${ThemeChoice} /></div>
  </header>`
}

function Page({ address }: { readonly address: Address }) {
  const found = findView(address.path)
  const place = address.path.join('/')
  const isFirst = useRef(true)
  const title = found?.entry.title(found.parameters) ?? 'Nothing here'
  useEffect(() => {
    document.title = `${title} · Leeway`
    // Whoever follows a link hears where it led.
    if (!isFirst.current) document.getElementById('main')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [place, title])
  if (found === undefined)
    return html`<h1>Nothing here</h1><${Empty} title="This address leads nowhere"><p><${Link} to="">To all models</${Link}></p></${Empty}>`
  // The key: nothing of one model stands on the page of another.
  return html`<${found.entry.view} key=${place} parameters=${found.parameters} query=${address.query} />`
}
