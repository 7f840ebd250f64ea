import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change, HandlingState } from '../../src/handling/state.ts'
import { COMMENT_LENGTH_MAX, reduce, unhandled } from '../../src/handling/state.ts'

const NOW = Date.UTC(2026, 10, 26, 8)
const HOUR = 3_600_000
const by = (name: string) => ({ name, via: 'api' as const, request: 'r' })

/** One deed after the other; what each came to, and what is known at the end. */
function run(
  changes: ReadonlyArray<readonly [name: string, change: Change]>,
  {
    incident = 'firing' as const,
    from = unhandled('i'),
  }: { incident?: 'pending' | 'firing' | 'resolved'; from?: HandlingState } = {},
) {
  let state = from
  const came = changes.map(([name, change], i) => {
    const reduced = reduce(state, change, { incident, by: by(name), now: NOW + i * HOUR })
    if (reduced.is === 'done') state = reduced.state
    return `${reduced.is}: ${reduced.because}`
  })
  return { came, state }
}

test('who acknowledges first is who looks after it, and the second is told so', () => {
  const { came, state } = run([
    ['anna', { kind: 'acknowledge' }],
    ['ben', { kind: 'acknowledge' }],
  ])
  assert.deepEqual(came, [
    'done: acknowledged by anna',
    'unchanged: acknowledged by anna at 2026-11-26T08:00:00Z already',
  ])
  assert.equal(state.acknowledgedBy, 'anna')
  assert.equal(state.deeds, 1)
})

test('what was taken back can be done again, and each is a deed of its own', () => {
  const { state } = run([
    ['anna', { kind: 'acknowledge' }],
    ['anna', { kind: 'unacknowledge' }],
    ['ben', { kind: 'acknowledge' }],
  ])
  assert.deepEqual([state.acknowledgedBy, state.deeds, state.takenBack], ['ben', 3, 1])
})

test('an incident that does not fire cannot be acknowledged, and one that has resolved only commented on', () => {
  assert.match(run([['anna', { kind: 'acknowledge' }]], { incident: 'pending' }).came[0] ?? '', /^refused/)
  const { came } = run(
    [
      ['anna', { kind: 'acknowledge' }],
      ['anna', { kind: 'assign', to: 'ben' }],
      ['anna', { kind: 'snooze', until: NOW + 9 * HOUR }],
      ['anna', { kind: 'comment', text: 'it was the import' }],
    ],
    { incident: 'resolved' },
  )
  assert.deepEqual(
    came.map((line) => line.split(':')[0]),
    ['refused', 'refused', 'refused', 'done'],
  )
})

test('a snooze ends by the clock, not before, and once', () => {
  const { came, state } = run([
    ['anna', { kind: 'snooze', until: NOW + 2 * HOUR }],
    ['', { kind: 'snooze ended' }],
    ['', { kind: 'snooze ended' }],
    ['', { kind: 'snooze ended' }],
  ])
  assert.deepEqual(
    came.map((line) => line.split(':')[0]),
    ['done', 'unchanged', 'done', 'unchanged'],
  )
  assert.equal(state.snoozedUntil, null)
})

test('assignees and comments have lengths', () => {
  const { came } = run([
    ['anna', { kind: 'assign', to: ' ' }],
    ['anna', { kind: 'comment', text: 'x'.repeat(COMMENT_LENGTH_MAX + 1) }],
    ['anna', { kind: 'snooze', until: NOW }],
    ['anna', { kind: 'snooze', until: NOW + 1000 * HOUR }],
  ])
  assert.ok(
    came.every((line) => line.startsWith('refused')),
    came.join('\n'),
  )
})
