// Moments of the daemon's work at which a test may look in, or end the process: all of them, so that a test can go through them.
//
// Nothing in production passes a probe. None of these moments is one of an event: they come with a commit, a message, an
// assignment, a start or a stop.

export const moments = [
  'migration: step written',
  'migration: step committed',
  'source: before seek',
  'source: after seek',
  'commit: before the transaction',
  'commit: streams written',
  'commit: panes written',
  'commit: results written',
  'commit: incidents written',
  'commit: outbox written',
  'commit: counters written',
  'commit: documents written',
  'commit: quarantine written',
  'commit: waiting written',
  'commit: positions written',
  'commit: committed',
  'runs: day dropped',
  'runs: merging',
  'runs: merged',
  'runs: garbage removed',
  'source: before offsets',
  'source: after offsets',
  'handling: before the transaction',
  'handling: state written',
  'handling: messages written',
  'handling: audit written',
  'handling: committed',
  'outbox: before sending',
  'outbox: sent',
  'outbox: marked',
  'reference: written',
  'reference: incidents ended',
  'reference: committed',
  'retraining: before the claim',
  'retraining: claimed',
  'retraining: answered',
  'retraining: marked',
  'retraining: before a look',
  'retraining: looked',
  'stop: before the last commit',
  'stop: after the last commit',
  'stop: before the checkpoint',
  'stop: closed',
] as const

export type Moment = (typeof moments)[number]

/** Called at each moment that comes. */
export type Probe = (moment: Moment) => void
