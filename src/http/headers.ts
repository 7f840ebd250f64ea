// What every answer tells a browser: show it, keep it and run it as little as possible.

const forAll = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

const framesAndForms = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
/** Of data: nothing of it is ever run or loaded. */
const dataPolicy = `default-src 'none'; ${framesAndForms}`
/** Of pages: scripts, styles and pictures that we serve ourselves, and our own API; nothing inline. */
const pagePolicy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; ${framesAndForms}`

export function headersFor(contentType: string): Record<string, string> {
  const policy = contentType.startsWith('text/html') ? pagePolicy : dataPolicy
  return { ...forAll, 'content-type': contentType, 'content-security-policy': policy }
}
