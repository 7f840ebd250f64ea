// How an incident stands now, for channels that keep one message for each of them: a message that waited tells of the past.

import { compose } from '../delivery/message.ts'
import type { HandlingView, Message, RetrainingView } from '../delivery/notification.ts'
import type { Incident } from '../incidents/incident.ts'
import type { Views } from '../store/views.ts'

/**
 * The message that would be sent now; undefined where there is no incident, or none that people know of.
 *
 * @param handlingOf what people have done about an incident; undefined: nothing is known of that
 */
export function standing(
  views: Pick<Views, 'incident'>,
  options: {
    readonly publicUrl: string | null
    readonly handlingOf: (incident: string) => HandlingView | undefined
    /** The newest request to retrain for an incident. */
    readonly retrainingOf: (incident: Incident) => RetrainingView | undefined
  },
): (message: Message) => Message | undefined {
  return (message) => {
    const found = views.incident(message.incidentId)
    const last = found?.transitions.at(-1)
    if (found === undefined || last === undefined || found.incident.state === 'pending') return undefined
    const { incident } = found
    const change = incident.state === 'resolved' ? 'resolved' : 'firing'
    const handling = options.handlingOf(incident.id) ?? message.handling
    const retraining = options.retrainingOf(incident) ?? message.retraining
    return {
      ...compose({ incident, change, because: last.because, at: last.at }, options),
      // Who has seen to it matters no more when it is over.
      ...(handling !== undefined && change === 'firing' && { handling }),
      ...(retraining !== undefined && { retraining }),
    }
  }
}
