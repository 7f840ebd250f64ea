import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate } from '../../src/assembly/gate.ts'
import type { MemorySpent, MemoryUse } from '../../src/assembly/memory-guard.ts'
import { MemoryGuard, measureMemory } from '../../src/assembly/memory-guard.ts'
import { Health } from '../../src/telemetry/health.ts'

/** A process with a limit of 100 bytes, of which collecting rubbish frees some. */
function rig(limit: number | null = 100) {
  let now = 0
  const use = { used: 0, rubbish: 0, heap: 0 }
  const did: string[] = []
  const gate = new Gate()
  const health = new Health()
  const guard = new MemoryGuard({
    measure: (): MemoryUse => ({
      processBytes: use.used + use.rubbish,
      heapBytes: use.heap,
      limits: { processBytes: limit, heapBytes: 100 },
    }),
    collect: () => {
      use.rubbish = 0
      did.push('collected')
    },
    dropCaches: () => void did.push('dropped caches'),
    gate,
    health,
    warn: () => void did.push('warned'),
    onSpent: (error: MemorySpent) => void did.push(error.name),
    steady: () => now,
  })
  const look = (some: Partial<typeof use>, after = 1_000) => {
    Object.assign(use, some)
    now += after
    guard.look()
    return { isShort: guard.isShort, isPaused: gate.opening !== undefined }
  }
  return { look, did, health, guard }
}

const calm = { isShort: false, isPaused: false }
const short = { isShort: true, isPaused: true }

test('above 70 % reading pauses until memory is calm again, and no version is added meanwhile', () => {
  const { look, did, health } = rig()
  assert.deepEqual(look({ used: 69 }), calm)
  assert.deepEqual(did, [])
  assert.deepEqual(look({ used: 71 }), short)
  assert.deepEqual(did, ['dropped caches', 'collected', 'warned'])
  assert.match(health.checks[0]?.because ?? '', /reading pauses/)
  assert.ok(health.ready, 'traffic is not turned away')
  assert.deepEqual(look({ used: 60 }), calm)
})

test('rubbish that can be collected is no shortage', () => {
  const { look, did } = rig()
  assert.deepEqual(look({ used: 50, rubbish: 49 }), calm)
  assert.deepEqual(did, ['dropped caches', 'collected'])
})

test('what is simply in use does not stop reading for ever, and models get no further versions', () => {
  const { look } = rig()
  assert.deepEqual(look({ used: 75 }), short)
  assert.deepEqual(look({}, 9_000), short)
  assert.deepEqual(look({}, 2_000), { isShort: true, isPaused: false })
  assert.deepEqual(look({}, 60_000), { isShort: true, isPaused: false })
  assert.deepEqual(look({ used: 50 }), calm)
})

test('above 85 % after rubbish was collected the process is to end, once', () => {
  const { look, did } = rig()
  look({ used: 75 })
  did.length = 0
  look({ used: 60, rubbish: 35 }, 200)
  assert.deepEqual(did, ['dropped caches', 'collected'])
  look({ used: 86 })
  look({ used: 99 })
  assert.deepEqual(
    did.filter((one) => one === 'MemorySpent'),
    ['MemorySpent'],
  )
})

test('the heap has a limit of its own, also where nothing limits the process', () => {
  const { look } = rig(null)
  assert.deepEqual(look({ used: 1e9, heap: 60 }), calm)
  assert.deepEqual(look({ heap: 75 }), short)
})

test('what this very process uses lies between nothing and its limit', () => {
  const { processBytes, heapBytes, limits } = measureMemory(1_000_000)()
  assert.equal(limits.processBytes, 1_000_000 * 2 ** 20)
  assert.ok(processBytes > 2 ** 20 && heapBytes > 2 ** 20 && heapBytes < limits.heapBytes)
})
