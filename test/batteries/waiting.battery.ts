// What every implementation of the join's port `Waiting` must do, whatever it keeps its entries in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { IdHash, Waiting } from '../../src/join/waiting.ts'
import { DAY } from '../../src/time.ts'
import { seeded } from '../build/random.ts'
import { runs } from '../events/seed.ts'

/** One implementation, opened on a state of its own. */
export interface Opened {
  waiting: Waiting
  /** Makes what has been put and dropped durable. */
  commit(): void
  /** Loses what is not durable, as the end of the process does. */
  reopen(): void
  close(): void
}

type Step =
  | { readonly do: 'put'; readonly id: number; readonly length: number; readonly day: number }
  | { readonly do: 'drop'; readonly day: number }
  | { readonly do: 'commit' | 'reopen' }

const half = fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1))
const ids = fc.uniqueArray(fc.record({ high: half, low: half }), {
  minLength: 12,
  maxLength: 12,
  selector: ({ high, low }) => `${high}/${low}`,
})
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      id: fc.nat(11),
      length: fc.oneof(fc.nat(80), fc.nat(5_000)),
      day: fc.nat(4),
    }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'commit' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), day: fc.nat(4) }) },
)

export function waitingBattery(name: string, open: () => Opened): void {
  test(`${name}: an entry is found until its day is dropped, and the newest one of an id counts`, () => {
    fc.assert(
      fc.property(ids, fc.array(step, { maxLength: 150, size: 'max' }), (known, steps) =>
        followsTheModel(open, known, steps),
      ),
      runs(60),
    )
  })

  test(`${name}: thousands of entries on several days are all found, through commits and reopening`, () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => keepsThousands(open, seed)),
      runs(2),
    )
  })

  test(`${name}: what was not committed is gone when the process ends`, () => {
    using(open, (opened) => {
      opened.waiting.put({ high: 1, low: 1 }, Uint8Array.of(1), 0)
      opened.commit()
      opened.waiting.put({ high: 1, low: 1 }, Uint8Array.of(2), 0)
      opened.waiting.put({ high: 2, low: 2 }, Uint8Array.of(3), 0)
      opened.waiting.dropBefore(DAY)
      opened.reopen()
      assert.deepEqual(read(opened.waiting, { high: 1, low: 1 }), [1])
      assert.equal(opened.waiting.get({ high: 2, low: 2 }), undefined)
    })
  })

  test(`${name}: an entry that moves to an earlier day does not bring an older one back when that day is dropped`, () => {
    using(open, (opened) => {
      const id = { high: 7, low: 7 }
      opened.waiting.put(id, Uint8Array.of(1), 5 * DAY)
      opened.commit()
      opened.waiting.put(id, Uint8Array.of(2), 3 * DAY)
      opened.commit()
      opened.waiting.dropBefore(4 * DAY)
      opened.commit()
      assert.deepEqual(read(opened.waiting, id), [2])
      opened.waiting.dropBefore(6 * DAY)
      assert.equal(opened.waiting.get(id), undefined)
      opened.commit()
      assert.equal(opened.waiting.get(id), undefined)
      assert.equal(opened.waiting.size, 0)
    })
  })

  test(`${name}: beyond a budget the oldest days go first, for good, and their number is told`, () => {
    using(open, (opened) => {
      for (let day = 4; day >= 0; day--) {
        for (let i = 0; i < 10; i++) opened.waiting.put({ high: day, low: i }, Uint8Array.of(day), day * DAY)
        opened.commit()
      }
      assert.equal(opened.waiting.evictBeyond(50), 0)
      assert.equal(opened.waiting.evictBeyond(31), 20)
      const held = () => [0, 1, 2, 3, 4].map((day) => read(opened.waiting, { high: day, low: 3 })?.[0])
      assert.deepEqual(held(), [undefined, undefined, 2, 3, 4])
      opened.commit()
      opened.reopen()
      assert.deepEqual([...held(), opened.waiting.size], [undefined, undefined, 2, 3, 4, 30])
    })
  })

  test(`${name}: the bytes that were put are copied, an empty entry and one of 60,000 bytes too`, () => {
    using(open, ({ waiting, commit }) => {
      const bytes = new Uint8Array(60_000).fill(9)
      waiting.put({ high: 1, low: 2 }, bytes, 0)
      waiting.put({ high: 1, low: 3 }, new Uint8Array(), 0)
      bytes.fill(0)
      for (const round of ['new', 'committed']) {
        assert.deepEqual(read(waiting, { high: 1, low: 2 }), Array(60_000).fill(9), round)
        assert.deepEqual(read(waiting, { high: 1, low: 3 }), [], round)
        commit()
      }
    })
  })
}

function using(open: () => Opened, use: (opened: Opened) => void): void {
  const opened = open()
  try {
    use(opened)
  } finally {
    opened.close()
  }
}

function read(waiting: Waiting, id: IdHash): number[] | undefined {
  const bytes = waiting.get(id)
  return bytes && [...bytes]
}

interface ModelEntry {
  readonly value: number
  readonly length: number
  readonly day: number
}

/** The port as a plain map: an id stays until the latest day it was put with has been dropped. */
class Model {
  entries = new Map<number, ModelEntry>()
  #durable = new Map<number, ModelEntry>()

  put(id: number, value: number, { length, day }: { length: number; day: number }): void {
    this.entries.set(id, { value, length, day: Math.max(day, this.entries.get(id)?.day ?? day) })
  }

  drop(day: number): void {
    for (const [id, entry] of this.entries) if (entry.day < day) this.entries.delete(id)
  }

  commit(): void {
    this.#durable = new Map(this.entries)
  }

  reopen(): void {
    this.entries = new Map(this.#durable)
  }
}

function followsTheModel(open: () => Opened, known: readonly IdHash[], steps: readonly Step[]): void {
  using(open, (opened) => {
    const model = new Model()
    for (const [number, next] of steps.entries()) {
      if (next.do === 'put') {
        const value = number % 256
        opened.waiting.put(known[next.id] as IdHash, new Uint8Array(next.length).fill(value), next.day * DAY + 5)
        model.put(next.id, value, next)
      } else if (next.do === 'drop') {
        opened.waiting.dropBefore(next.day * DAY)
        model.drop(next.day)
      } else {
        opened[next.do]()
        model[next.do]()
      }
      for (const [i, id] of known.entries()) agree(opened.waiting, id, model.entries.get(i))
    }
  })
}

function agree(waiting: Waiting, id: IdHash, expected: ModelEntry | undefined): void {
  const found = waiting.get(id)
  const text = `${id.high}/${id.low}`
  assert.equal(found?.length, expected?.length, text)
  if (expected === undefined) return
  assert.ok(
    found?.every((byte) => byte === expected.value),
    text,
  )
}

const COMMITS = 40
const PUTS_PER_COMMIT = 500

/** Enough commits for merges of merged runs, over three days; every fourth put is of an id that was put before. */
function keepsThousands(open: () => Opened, seed: number): void {
  const random = numbers(seed)
  const expected = new Map<string, { id: IdHash; value: number }>()
  const order: IdHash[] = []
  using(open, (opened) => {
    for (let commit = 0; commit < COMMITS; commit++) {
      for (let i = 0; i < PUTS_PER_COMMIT; i++) {
        const again = order.length > 0 && i % 4 === 0
        const id = again ? (order[random() % order.length] as IdHash) : { high: random(), low: random() }
        const value = random() % 256
        const at = (again ? random() % 3 : Math.floor(commit / 14)) * DAY
        opened.waiting.put(id, new Uint8Array(40).fill(value), at)
        if (!again) order.push(id)
        expected.set(`${id.high}/${id.low}`, { id, value })
      }
      opened.commit()
      if (commit % 13 === 12) opened.reopen()
    }
    for (const { id, value } of expected.values()) agree(opened.waiting, id, { value, length: 40, day: 0 })
    for (let i = 0; i < 5_000; i++) assert.equal(opened.waiting.get({ high: random(), low: random() }), undefined)
  })
}

/** Whole numbers below 2³² from a seed. */
export function numbers(seed: number): () => number {
  const random = seeded(seed)
  return () => Math.floor(random() * 2 ** 32)
}
