import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrustedClock } from '../../src/assembly/trusted-clock.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const T0 = Date.UTC(2026, 0, 5)

/** Two clocks that a test moves: `pass` runs both, `set` sets the wall clock. */
function desk(last?: number) {
  const jumps: number[] = []
  const steps: number[] = []
  let wall = T0
  let steady = 500
  const clock = new TrustedClock({
    wall: () => wall,
    steady: () => steady,
    last,
    onJump: (by) => jumps.push(by),
    onStep: (by) => steps.push(by) > 0,
  })
  return {
    clock,
    jumps,
    steps,
    /** Time passes, looked at every second; the wall clock runs too fast by `drift`. */
    pass(ms: number, drift = 0) {
      for (let passed = 0; passed < ms; passed += SECOND) {
        wall += SECOND * (1 + drift)
        steady += SECOND
        clock.now()
      }
    },
    set: (by: number) => {
      wall += by
    },
    /** How far the time told is from the start. */
    told: () => clock.now() - T0,
  }
}

for (const by of [2 * HOUR, -2 * HOUR]) {
  test(`a jump by ${by / HOUR} h is counted once and not believed, until the clock has run steadily for a minute`, () => {
    const { pass, set, told, jumps, steps } = desk()
    pass(10 * SECOND)
    set(by)
    assert.equal(told(), 10 * SECOND)
    pass(59 * SECOND)
    assert.equal(told(), 69 * SECOND)
    assert.deepEqual([jumps, steps], [[by], []])
    pass(SECOND)
    assert.equal(told(), 70 * SECOND + by)
    assert.deepEqual([jumps, steps], [[by], [by]])
  })
}

test('a jump that is taken back within the minute never was', () => {
  const { pass, set, told, jumps, steps } = desk()
  set(2 * HOUR)
  pass(30 * SECOND)
  set(-2 * HOUR)
  pass(5 * MINUTE)
  assert.equal(told(), 5 * MINUTE + 30 * SECOND)
  assert.deepEqual([jumps, steps], [[2 * HOUR], []])
})

test('a clock that goes on jumping is not believed, and every jump is counted', () => {
  const { pass, set, told, jumps, steps } = desk()
  for (let i = 0; i < 10; i++) {
    set(i % 2 === 0 ? 2 * HOUR : -HOUR)
    pass(30 * SECOND)
  }
  assert.equal(told(), 5 * MINUTE)
  assert.deepEqual([jumps.length, steps], [10, []])
})

test('a slow drift is followed and no jump', () => {
  const { pass, told, jumps } = desk()
  pass(6 * HOUR, 0.001)
  assert.equal(told(), Math.round(6 * HOUR * 1.001))
  assert.deepEqual(jumps, [])
})

test('a clock that was set back while the process was away is found at the start', () => {
  const { pass, told, jumps, steps } = desk(T0 + 2 * HOUR)
  assert.equal(told(), 2 * HOUR)
  assert.deepEqual(jumps, [-2 * HOUR])
  pass(MINUTE)
  assert.equal(told(), MINUTE)
  assert.deepEqual(steps, [-2 * HOUR])
})
