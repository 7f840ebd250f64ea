// A summary: one Float64Array of whole numbers in the order of a layout. Create, add, subtract, encode.

/** Adds `other` to `summary`, cell by cell. Exact, for every cell is a whole number below 2⁵³. */
export function add(summary: Float64Array, other: Float64Array): void {
  sameLength(summary, other)
  for (let i = 0; i < summary.length; i++) summary[i] = (summary[i] as number) + (other[i] as number)
}

/** Takes `other` out of `summary` again; undoes `add` exactly. */
export function subtract(summary: Float64Array, other: Float64Array): void {
  sameLength(summary, other)
  for (let i = 0; i < summary.length; i++) summary[i] = (summary[i] as number) - (other[i] as number)
}

function sameLength(summary: Float64Array, other: Float64Array): void {
  if (summary.length !== other.length) {
    throw new RangeError(
      `a summary of ${summary.length} cells meets one of ${other.length}: they have different layouts`,
    )
  }
}

/**
 * Packs a summary for the disk: for each cell that is not 0 the distance from the last one and the value, as variable-length
 * whole numbers. A sparse pane of 7,400 cells takes a few hundred bytes.
 */
export function encode(summary: Float64Array): Uint8Array {
  let out = new Uint8Array(256)
  let length = 0
  let previous = -1
  for (let i = 0; i < summary.length; i++) {
    const value = summary[i] as number
    if (value === 0) continue
    if (!Number.isSafeInteger(value))
      throw new RangeError(`cell ${i} of a summary is ${value}, not a whole number below 2^53`)
    if (length + 16 > out.length) {
      const larger = new Uint8Array(out.length * 2)
      larger.set(out)
      out = larger
    }
    length = writeVarint(out, length, i - previous)
    length = writeVarint(out, length, value >= 0 ? value : -value, value < 0)
    previous = i
  }
  return out.subarray(0, length)
}

/** Unpacks what `encode` packed. @throws RangeError when the bytes do not fit a layout of `size` cells */
export function decode(bytes: Uint8Array, size: number): Float64Array {
  const summary = new Float64Array(size)
  for (const [cell, value] of entriesOf(bytes)) {
    if (cell >= size)
      throw new RangeError(
        `a stored summary has a cell ${cell}, its layout only ${size}: it belongs to another reference`,
      )
    summary[cell] = value
  }
  return summary
}

/** The cells of a packed summary that are not 0, with their numbers, whatever its layout. */
export function* entriesOf(bytes: Uint8Array): Iterable<[cell: number, value: number]> {
  const reader = { bytes, at: 0, negative: false }
  let cell = -1
  while (reader.at < bytes.length) {
    cell += readVarint(reader, false)
    const value = readVarint(reader, true)
    yield [cell, reader.negative ? -value : value]
  }
}

/** Seven bits a byte, lowest first; with a sign, the first byte holds six bits and the sign. */
function writeVarint(out: Uint8Array, at: number, value: number, negative?: boolean): number {
  let rest = value
  if (negative !== undefined) {
    const first = (rest % 64) | (negative ? 64 : 0)
    rest = Math.floor(rest / 64)
    out[at++] = rest > 0 ? first | 128 : first
    if (rest === 0) return at
  }
  while (rest >= 128) {
    out[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  out[at++] = rest
  return at
}

function readVarint(reader: { bytes: Uint8Array; at: number; negative: boolean }, signed: boolean): number {
  let value = 0
  let scale = 1
  let first = signed
  for (;;) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw new RangeError('a stored summary ends in the middle of a number')
    if (first) {
      reader.negative = (byte & 64) !== 0
      value = byte & 63
      scale = 64
      first = false
    } else {
      value += (byte & 127) * scale
      scale *= 128
    }
    if ((byte & 128) === 0) return value
  }
}
