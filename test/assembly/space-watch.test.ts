import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchSpace } from '../../src/assembly/space-watch.ts'
import { Health } from '../../src/telemetry/health.ts'

const MIB = 2 ** 20

test('little space is warned of once, in the log and in the check, and turns no traffic away', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const health = new Health()
  const warnings: string[] = []
  let freeBytes = 600 * MIB
  const watch = watchSpace('/state', {
    freeMinBytes: 512 * MIB,
    health,
    warn: (message) => warnings.push(message),
    look: () => ({ stateBytes: 7, freeBytes }),
  })
  assert.equal(health.checks[0]?.because, '600 MiB are free')
  freeBytes = 300 * MIB
  t.mock.timers.tick(15_000)
  assert.deepEqual(watch.current(), { stateBytes: 7, freeBytes })
  assert.match(health.checks[0]?.because ?? '', /^\/state: only 300 MiB are free, less than the 512 MiB/)
  assert.ok(health.ready)
  freeBytes = 600 * MIB
  t.mock.timers.tick(5_000)
  freeBytes = 0
  t.mock.timers.tick(5_000)
  assert.equal(warnings.length, 2)
  watch.stop()
})
