// Messages as CloudEvents 1.0 on a topic of Kafka, for programs.
//
// The record's key is the incident, so that what happens to it stays in order. A message that is sent again, as after a kill, has the
// same `id`: whoever reads keeps what was seen.

import type { OutgoingRecord } from '../../sources/publish.ts'
import { eventOfDigest, eventOfMessage } from '../event-json.ts'
import type { Notification } from '../notification.ts'
import type { Sender } from '../sender.ts'
import type { TopicSettings } from '../topic.ts'
import { createTopicWriter, recordOf } from '../topic.ts'

export interface KafkaChannelSettings extends TopicSettings {
  /** Who says so: the `source` of every event, a URI reference. */
  readonly source: string
}

export function createKafkaSender(name: string, settings: KafkaChannelSettings): Sender {
  const topic = createTopicWriter(settings)
  return {
    name,
    async send(row, signal) {
      return topic.write(recordsOf(row, settings.source), signal)
    },
    close: () => topic.close(),
  }
}

function recordsOf({ key, envelope }: Notification, source: string): OutgoingRecord[] {
  switch (envelope.kind) {
    case 'message':
      return [recordOf(key, source, eventOfMessage(envelope.message))]
    case 'group':
      // Programs want each incident by itself.
      return envelope.messages.map((message, i) => recordOf(`${key}:${i}`, source, eventOfMessage(message)))
    case 'digest':
      return [recordOf(key, source, eventOfDigest(envelope.digest))]
  }
}
