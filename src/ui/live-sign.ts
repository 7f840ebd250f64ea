// Whether the page follows what happens, for all to see; pressed, it stops, and goes on.

import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Api } from './api.ts'
import type { Changes } from './changes.ts'
import { html } from './html.ts'
import type { LiveState } from './live.ts'
import { LiveLink } from './live.ts'
import type { Session } from './session.ts'

const shown: Readonly<Record<LiveState, { readonly sign: string; readonly word: string; readonly title: string }>> = {
  live: { sign: '●', word: 'live', title: 'This page follows what happens; press to hold it still' },
  reconnecting: { sign: '◌', word: 'reconnecting', title: 'The connection to leeway is lost, and tried again' },
  paused: { sign: '❙❙', word: 'paused', title: 'This page is held still; press to follow what happens' },
}

/** A link to the daemon that lasts as long as the page, and rests while nobody looks at it. */
export function useLive(api: Api, changes: Changes, session: Session): LiveLink {
  const link = useMemo(() => new LiveLink({ api, changes, wait, random: Math.random }), [api, changes])
  useEffect(() => {
    const follow = (isOther: boolean) => {
      if (link.state === 'paused' || (link.isRefused && !isOther)) return
      if (document.hidden) link.stop()
      else link.start()
    }
    const looked = () => follow(false)
    looked()
    document.addEventListener('visibilitychange', looked)
    let { token } = session
    const signedIn = session.listen(() => {
      if (session.token !== token || (link.isRefused && session.asks === null)) follow(true)
      token = session.token
    })
    return () => {
      document.removeEventListener('visibilitychange', looked)
      signedIn()
      link.stop()
    }
  }, [link, session])
  return link
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

export function LiveSign({ link }: { readonly link: LiveLink }) {
  const [state, setState] = useState(link.state)
  useEffect(() => {
    setState(link.state)
    return link.listen(setState)
  }, [link])
  const { sign, word, title } = shown[state]
  const press = () => (state === 'paused' ? link.start() : link.pause())
  return html`<button type="button" class=${`live ${state}`} title=${title} aria-pressed=${state === 'paused'} onClick=${press}>
    <span class="sign" aria-hidden="true">${sign}</span> ${word}
  </button><span class="unseen" role="status">${state === 'reconnecting' ? title : ''}</span>`
}
