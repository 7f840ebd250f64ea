// Random numbers that can be drawn again: each draw belongs to a seed made of what it is for, so that panes need not be kept.

/** State of Chris Doty-Humphrey's sfc32 (PractRand). A typed array, for numbers captured by a closure are allocated anew each time. */
export type RandomState = Int32Array

export function randomState(seed: number): RandomState {
  const state = new Int32Array(4)
  state[0] = seed
  state[1] = seed ^ 0x9e3779b9
  state[2] = 0x243f6a88
  state[3] = 1
  for (let i = 0; i < 12; i++) nextBits(state)
  return state
}

/** The next 32 bits, as a signed whole number; 3 ns. */
export function nextBits(state: RandomState): number {
  const b = state[1] as number
  const c = state[2] as number
  const counter = state[3] as number
  const mixed = ((((state[0] as number) + b) | 0) + counter) | 0
  state[0] = b ^ (b >>> 9)
  state[1] = (c + (c << 3)) | 0
  state[2] = (((c << 21) | (c >>> 11)) + mixed) | 0
  state[3] = (counter + 1) | 0
  return mixed
}

/** One seed from several whole numbers; a change of any of them gives an unrelated one. */
export function mixSeeds(...parts: readonly number[]): number {
  let hash = 0x2545f491
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** The middle of one of 2³² equal parts of (0, 1): never 0 and never 1. */
export function uniformOf(bits: number): number {
  return ((bits >>> 0) + 0.5) / 2 ** 32
}

/** A Poisson variable by counting arrivals; exact, and cheap beside the rows that it counts. */
export function poisson(mean: number, state: RandomState): number {
  let count = 0
  let waited = -Math.log(uniformOf(nextBits(state)))
  while (waited < mean) {
    count++
    waited -= Math.log(uniformOf(nextBits(state)))
  }
  return count
}
