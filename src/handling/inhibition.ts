// Bad data explains what follows from it: while it is told, the rest of the same model need not be.

import type { Incident } from '../incidents/incident.ts'

/** While an incident of a kind in `source` fires, those of the same model of the kinds in `target` are not told. */
export interface InhibitRule {
  readonly source: readonly string[]
  readonly target: readonly string[]
}

/** What the configuration says when it says nothing. */
export const usualInhibition: readonly InhibitRule[] = [
  { source: ['quality', 'no_data'], target: ['drift', 'performance', 'estimated'] },
]

/** Kinds of incidents that explain one of this kind. */
export function causesOf(kind: string, rules: readonly InhibitRule[]): string[] {
  return rules.filter(({ target }) => target.includes(kind)).flatMap(({ source }) => source)
}

/**
 * Which firing incident makes this one follow, in words; null when none does.
 *
 * @param firing incidents that fire, of any model
 */
export function inhibitedBy(
  about: { readonly incidentId: string; readonly model: string; readonly version: string; readonly kind: string },
  firing: ReadonlyArray<Pick<Incident, 'id' | 'model' | 'version' | 'silence'> & { readonly kind: string }>,
  rules: readonly InhibitRule[],
): string | null {
  const sources = causesOf(about.kind, rules)
  const cause = firing.find(
    ({ id, kind, ...cause }) => id !== about.incidentId && sources.includes(kind) && concerns(cause, about),
  )
  return cause === undefined ? null : `follows from the ${cause.kind} incident ${cause.id} of the same model`
}

/** A silence is one of all versions of its model; of a source, one of all models that read from it. */
function concerns(
  { model, version, silence }: Pick<Incident, 'model' | 'version' | 'silence'>,
  about: { readonly model: string; readonly version: string },
): boolean {
  if (silence !== undefined) return silence.models.includes(about.model)
  return model === about.model && version === about.version
}
