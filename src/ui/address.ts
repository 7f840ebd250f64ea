// Every state of the UI has an address: a path and a query under the UI's own root, wherever a proxy has put that.

/** Where in the UI: `/models/credit-risk?window=1h` is `{path: ['models', 'credit-risk'], query: {window: '1h'}}`. */
export interface Address {
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

/** @param root path of the UI itself, with a slash at its end: `/ui/`, or `/leeway/ui/` behind a proxy */
export function parseAddress(root: string, url: Pick<URL, 'pathname' | 'searchParams'>): Address {
  const rest = url.pathname.startsWith(root) ? url.pathname.slice(root.length) : ''
  const path = rest.split('/').filter((part) => part !== '')
  return { path: path.map(decoded), query: Object.fromEntries(url.searchParams) }
}

/** The address as a text that `href` takes. @param query what is undefined is left out */
export function addressOf(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const search = new URLSearchParams(given).toString()
  return `${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

/** This address with some of its query changed; undefined takes one out. */
export function withQuery({ path, query }: Address, changes: Readonly<Record<string, string | undefined>>): string {
  return addressOf(path, { ...query, ...changes })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
