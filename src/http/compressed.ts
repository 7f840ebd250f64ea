// Answers in fewer bytes, for those who take them so: a fleet of 200 models, a page of 20,000 series, a script.
//
// What is compressed never holds a secret beside text that somebody else chose (tokens come in headers and are not repeated), so
// that its length tells nothing (BREACH).

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)

/** What is smaller travels in one packet anyway. */
const BYTES_MIN = 1_400
/** Four fifths of the gain for a third of the time of the usual level. */
const LEVEL = 3

/** @param acceptEncoding of the request @returns the body as it was where that is not wanted, or not worth it */
export async function compressed(
  body: string,
  acceptEncoding: string | string[] | undefined,
): Promise<string | Buffer> {
  if (body.length < BYTES_MIN || !takesGzip(String(acceptEncoding ?? ''))) return body
  // On a thread of the pool: the event loop goes on.
  return compress(body, { level: LEVEL })
}

function takesGzip(accepted: string): boolean {
  return accepted.split(',').some((one) => {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return (name === 'gzip' || name === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
