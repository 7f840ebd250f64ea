// Bodies that receivers take only up to a size.

/**
 * The largest of several forms of a body that has room, by how many of its parts it keeps.
 *
 * @param parts of which there are so many, the first ones kept; without any of them it is sent whatever its size
 * @param write makes the body with this many of them; it says how many it leaves out
 */
export function fitted(parts: number, bytesMax: number, write: (kept: number) => string): string {
  for (let kept = parts; ; ) {
    const body = write(kept)
    const bytes = Buffer.byteLength(body)
    if (bytes <= bytesMax || kept === 0) return body
    kept = Math.min(kept - 1, Math.floor((kept * bytesMax) / bytes))
  }
}
