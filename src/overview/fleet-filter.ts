// Which rows of a fleet are asked for: by need, and by what is looked for. The page asks it of what it has, the daemon of all.

/** `no_data`: nothing is known, or nothing comes any more. */
export type FleetStatus = 'alarm' | 'warning' | 'ok' | 'insufficient' | 'no_data'

/** What a row is counted under. */
export type Group = 'needYou' | 'watch' | 'fine' | 'tooFew' | 'waiting' | 'earlier'

export const groups: readonly Group[] = ['needYou', 'watch', 'fine', 'tooFew', 'waiting', 'earlier']

interface Row {
  readonly model: string
  readonly version: string
  readonly source: string
  readonly what: string
  readonly status: FleetStatus
  readonly needsYou: boolean
  readonly isEarlier: boolean
}

const ofStatus: Readonly<Record<FleetStatus, Group>> = {
  ...{ alarm: 'watch', warning: 'watch', ok: 'fine', insufficient: 'tooFew', no_data: 'waiting' },
}

export function groupOf({ needsYou, isEarlier, status }: Row): Group {
  return needsYou ? 'needYou' : isEarlier ? 'earlier' : ofStatus[status]
}

/** @param search in the name, the version, the source or what is wrong; '' is in all @param show '' for all groups */
export function fits(row: Row, { show, search }: { readonly show: string; readonly search: string }): boolean {
  if (show !== '' && groupOf(row) !== show) return false
  return `${row.model} ${row.version} ${row.source} ${row.what}`.toLowerCase().includes(search.toLowerCase())
}
