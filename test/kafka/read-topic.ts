// Prints the first records of a topic, one on each line, as a client of others reads them: ours leaves out what sources do not need.
//
//   node test/kafka/read-topic.ts HOST:PORT TOPIC COUNT

import { Kafka, logLevel } from 'kafkajs'

const [address = '', topic = '', count = '1'] = process.argv.slice(2)
const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: `read-${topic}` })
let read = 0
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    if (read === Number(count)) return
    const contentType = String(message.headers?.['content-type'])
    console.log(
      JSON.stringify({ partition, key: String(message.key), contentType, event: JSON.parse(String(message.value)) }),
    )
    if (++read === Number(count)) setImmediate(() => consumer.disconnect())
  },
})
