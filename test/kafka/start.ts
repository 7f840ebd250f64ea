// `npm run kafka`: a broker for development, with the topics of the example configuration, until Ctrl-C.

import { join } from 'node:path'
import { createTopics, missingForBroker, startBroker } from './broker.ts'

const missing = missingForBroker()
if (missing !== null) {
  console.error(`no broker can be started: ${missing}`)
  process.exit(4)
}
const broker = await startBroker({
  port: Number(process.env['LEEWAY_KAFKA_PORT'] ?? 9092),
  dataDir: join(import.meta.dirname, '..', '..', '.cache', 'kafka-data'),
})
await createTopics(broker.address, [
  { topic: 'predictions', partitions: 3 },
  { topic: 'labels', partitions: 3 },
])
console.log(
  `Kafka answers at ${broker.address}, with the topics predictions and labels (3 partitions each). Ctrl-C stops it; its data stays in .cache/kafka-data.`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void broker.stop().then(() => process.exit(0)))
}
