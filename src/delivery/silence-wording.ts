// What a person is told of data that does not come any more: no predictions, no labels, or a source that cannot be read.

import type { Silence, Transition } from '../incidents/incident.ts'
import { formatInstant } from '../time.ts'
import { span } from './wording.ts'

/** The rest of a title, behind the name of the model or source. */
export function silenceTitle({ of, lastAt }: Silence, { change, at }: Pick<Transition, 'change' | 'at'>): string {
  const isOver = change === 'resolved'
  const long = span(Math.max(0, at - lastAt))
  switch (of) {
    case 'predictions':
      return isOver ? 'predictions come again' : `no predictions for ${long}`
    case 'labels':
      return isOver ? 'labels come again' : `no labels for ${long}, while predictions come`
    case 'source':
      return isOver ? 'it can be read again' : `nothing can be read for ${long}`
  }
}

export function silenceParagraphs(silence: Silence, { change, at, because }: Transition): string[] {
  const { of, lastAt, after, source, models } = silence
  if (change === 'resolved')
    return [`It lasted ${span(Math.max(0, at - lastAt))}, since ${formatInstant(lastAt)}; ${because}.`]
  const told = `told after ${span(after)}`
  switch (of) {
    case 'predictions':
      return [
        `The last prediction came at ${formatInstant(lastAt)} (${told}).`,
        `The source ${source} is being read and holds nothing more: whatever sends the predictions has stopped, or sends them elsewhere.`,
      ]
    case 'labels':
      return [
        `The last label came at ${formatInstant(lastAt)} (${told}).`,
        'Until labels come nobody knows how good newer predictions are.',
      ]
    case 'source':
      return [
        `It could last be read at ${formatInstant(lastAt)} (${told}): ${silence.because ?? because}.`,
        `Nothing is known of ${models.join(', ')} until it can be read; what has been sent meanwhile is read then.`,
      ]
  }
}
