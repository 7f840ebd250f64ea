// Records of transactions that were aborted are in the log, and in answers; a consumer leaves them out.

import type { Message } from './kafka-batches.ts'

/** As an answer says it: from this offset on, up to the marker, what the producer wrote counts for nothing. */
export interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: string
}

/** The key of a control record: version, then what it says. 0 is an abort. */
const ABORT = 0

/**
 * The messages without those of aborted transactions.
 *
 * kafkajs' own way lets some through: it steps into one transaction a message, so that of several that began before the answer the first
 * records are taken for good ones, and it takes any record whose key is four zero bytes (the number 0, say) for the end of one.
 */
export function withoutAborted(
  messages: readonly Message[],
  transactions: readonly AbortedTransaction[],
): readonly Message[] {
  const coming = transactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset)
  const aborted = new Set<string>()
  let next = 0
  return messages.filter(({ offset, key, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    for (; next < coming.length && offset >= (coming[next]?.firstOffset ?? 0); next++)
      aborted.add(coming[next]?.producerId ?? '')
    if (!inTransaction || !aborted.has(producerId)) return true
    if (!isControlRecord) return false
    if (key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT) aborted.delete(producerId)
    return true
  })
}
