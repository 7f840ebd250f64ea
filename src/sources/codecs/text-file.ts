// A text file as a stream of bytes, unpacked when its name ends in .gz.

import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { OnProgress } from './row-reader.ts'

/** Errors of the file or of gzip surface while it is read. */
export function openText(path: string, onProgress: OnProgress): Readable {
  const total = statSync(path).size
  const file = createReadStream(path)
  let done = 0
  file.on('data', (chunk) => {
    done += chunk.length
    onProgress(done, total)
  })
  if (!path.toLowerCase().endsWith('.gz')) return file
  const text = createGunzip()
  // Errors reach the reader of `text`; the callback only keeps them from being thrown twice.
  pipeline(file, text, () => {})
  return text
}
