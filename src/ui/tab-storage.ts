// What is kept until the browser's tab is closed.

export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** @returns the browser's; where it keeps nothing for us, as some are told to, a memory until the page is loaded anew */
export function tabStorage(browser: { readonly sessionStorage: Storage } = globalThis): TabStorage {
  try {
    const { sessionStorage } = browser
    sessionStorage.getItem('')
    return sessionStorage
  } catch {
    const kept = new Map<string, string>()
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    }
  }
}
