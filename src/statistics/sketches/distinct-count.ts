import type { TextHash } from './text-hash.ts'
import { hashText } from './text-hash.ts'

const PRECISION_MIN = 4
const PRECISION_MAX = 16

/**
 * How many different texts a stream holds, in 2^precision bytes (HyperLogLog).
 *
 * The standard error is 1.04 / √(2^precision): 1.6 % with 4,096 registers. The same texts in any order, any number of times and
 * over any partition give the same registers; merging takes the larger of each, so nothing can be subtracted.
 *
 * @see Flajolet et al. (2007), HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm, DMTCS
 * @see Ertl (2017), New cardinality estimation algorithms for HyperLogLog sketches, arXiv 1702.01284, for the estimator
 * @example new DistinctCount().add('a').add('b').add('a').estimate() // 2.0005
 */
export class DistinctCount {
  readonly precision: number
  /** Per register the longest run of leading zeros seen, plus one. */
  readonly registers: Uint8Array
  readonly #hash: TextHash = { high: 0, low: 0 }

  /** @throws RangeError if the precision is not a whole number from 4 to 16 */
  constructor(precision = 12) {
    if (!(Number.isInteger(precision) && precision >= PRECISION_MIN && precision <= PRECISION_MAX)) {
      throw new RangeError(
        `DistinctCount: precision is ${precision}, it must be a whole number from ${PRECISION_MIN} to ${PRECISION_MAX}`,
      )
    }
    this.precision = precision
    this.registers = new Uint8Array(2 ** precision)
  }

  add(text: string): this {
    hashText(this.#hash, text)
    const { high, low } = this.#hash
    const register = high >>> (32 - this.precision)
    const rest = (high << this.precision) >>> 0
    const zeros = rest === 0 ? 32 - this.precision + Math.clz32(low) : Math.clz32(rest)
    if (zeros + 1 > (this.registers[register] as number)) this.registers[register] = zeros + 1
    return this
  }

  /** Takes in the texts of another count. @throws RangeError if its precision differs */
  merge(other: DistinctCount): this {
    if (other.precision !== this.precision) {
      throw new RangeError(`DistinctCount: other has precision ${other.precision}, this one ${this.precision}`)
    }
    for (let i = 0; i < this.registers.length; i++) {
      this.registers[i] = Math.max(this.registers[i] as number, other.registers[i] as number)
    }
    return this
  }

  /** The number of different texts, about; 0 for none. */
  estimate(): number {
    const size = this.registers.length
    const longest = 64 - this.precision
    const multiplicity = new Float64Array(longest + 2)
    for (const value of this.registers) multiplicity[value] = (multiplicity[value] as number) + 1
    if (multiplicity[0] === size) return 0
    let sum = size * tau(1 - (multiplicity[longest + 1] as number) / size)
    for (let k = longest; k >= 1; k--) sum = (sum + (multiplicity[k] as number)) / 2
    sum += size * sigma((multiplicity[0] as number) / size)
    return size ** 2 / (2 * Math.LN2 * sum)
  }
}

/** What empty registers add: x + Σ x^(2^k) 2^(k−1). */
function sigma(share: number): number {
  let [power, weight, sum] = [share, 1, share]
  for (let before = -1; before !== sum; ) {
    before = sum
    power *= power
    sum += power * weight
    weight *= 2
  }
  return sum
}

/** What full registers take off. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [root, weight, sum] = [share, 1, 1 - share]
  for (let before = -1; before !== sum; ) {
    before = sum
    root = Math.sqrt(root)
    weight /= 2
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}
