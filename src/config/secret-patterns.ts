// Secrets that somebody wrote where their file should be named: recognised, so that they are neither used nor shown.

/** What a secret looks like, and what it is. */
const patterns: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ['a Slack token', /\bxox[abeoprs]-/i],
  ['a Slack app token', /\bxapp-\d/i],
  ['a Slack webhook address, which is a secret', /hooks\.slack\.com\/(?:services|workflows|triggers)\//i],
  ['a webhook secret', /\bwhsec_/],
  ['a key or certificate', /-----BEGIN [A-Z ]+-----/],
  ['a user name and password', /:\/\/[^/?#\s:@]*:[^/?#\s@]+@/],
  ['a GitHub token', /\bgh[oprsu]_[A-Za-z0-9]{20}|\bgithub_pat_/],
  ['an access key of AWS', /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/],
  ['a JSON web token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\./],
]

type Found = { readonly path: readonly PropertyKey[]; readonly message: string }

/** What kind of secret a text holds, as far as it can be told; undefined when it looks like none. */
function secretIn(text: string): string | undefined {
  return patterns.find(([, pattern]) => pattern.test(text))?.[0]
}

/** Whether a text looks like a secret. */
export function looksSecret(text: string): boolean {
  return secretIn(text) !== undefined
}

/** Every place of a document at which a secret stands. */
export function findSecrets(value: unknown, path: readonly PropertyKey[] = []): Found[] {
  if (typeof value === 'string') {
    const what = secretIn(value)
    return what === undefined
      ? []
      : [
          {
            path,
            message: `this holds ${what} (not shown); put it into a file that only this program can read, and name the file in tokenFile, passwordFile or secretFile`,
          },
        ]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    findSecrets(one, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}
