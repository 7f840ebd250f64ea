// Where the secrets of an orchestrator are, before anybody reads them.

import type { Auth, HttpTarget, SecretSource } from '../../delivery/orchestrators/target.ts'

export interface SecretPlace {
  /** The setting that names it: `passwordFile`, `auth.tokenFile`. */
  readonly setting: string
  /** A file, or `env:NAME`. */
  readonly place: string
}

/** Every secret of a target. */
export function secretsOf({ auth, secrets }: HttpTarget<SecretPlace>): SecretPlace[] {
  const found: SecretPlace[] = []
  withSecrets(auth, (place) => {
    found.push(place)
    return place
  })
  return [...found, ...Object.values(secrets)]
}

/** The same target with its secrets, ready to be used. */
export function openTarget(target: HttpTarget<SecretPlace>, open: (secret: SecretPlace) => SecretSource): HttpTarget {
  const secrets = Object.entries(target.secrets).map(([name, place]) => [name, open(place)] as const)
  return { ...target, auth: withSecrets(target.auth, open), secrets: Object.fromEntries(secrets) }
}

function withSecrets<A, B>(auth: Auth<A>, open: (secret: A) => B): Auth<B> {
  switch (auth.type) {
    case 'none':
      return auth
    case 'basic':
    case 'login':
      return { ...auth, password: open(auth.password) }
    case 'header':
      return { ...auth, token: open(auth.token) }
    case 'signature':
      return { ...auth, secret: open(auth.secret) }
    case 'aws':
      return {
        ...auth,
        accessKey: open(auth.accessKey),
        secretKey: open(auth.secretKey),
        sessionToken: auth.sessionToken === null ? null : open(auth.sessionToken),
      }
  }
}
