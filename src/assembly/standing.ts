// How an incident stands now, for channels that keep one message for each of them: a message that waited tells of the past.

import { compose } from '../delivery/message.ts'
import type { HandlingView, Message } from '../delivery/notification.ts'
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
  },
): (message: Message) => Message | undefined {
  return (message) => {
    const found = views.incident(message.incidentId)
    const last = found?.transitions.at(-1)
    if (found === undefined || last === undefined || found.incident.state === 'pending') return undefined
    const { incident } = found
    const change = incident.state === 'resolved' ? 'resolved' : 'firing'
    const handling = options.handlingOf(incident.id) ?? message.handling
    return {
      ...compose({ incident, change, because: last.because, at: last.at }, options),
      // Who has seen to it matters no more when it is over.
      ...(handling !== undefined && change === 'firing' && { handling }),
      ...(message.retraining !== undefined && { retraining: message.retraining }),
    }
  }
}
