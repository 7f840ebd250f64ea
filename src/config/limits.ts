// How much of what a stranger sends is read, kept and told apart: the `limits` of the document.

import { z } from 'zod'
import { byteSize } from './forms.ts'

const countForm = 'a whole number of at least 1'
const count = z.int(countForm).min(1, countForm)

export const limits = z.strictObject({
  keys: count
    .default(2_000)
    .describe('Records with more keys, of all their objects together, are quarantined unparsed'),
  versions: count
    .max(1_000, 'at most 1000')
    .default(100)
    .describe('Versions of a model that are watched apart; rows of further ones are counted as version __other__'),
  segments: count
    .max(1_000, 'at most 1000')
    .default(50)
    .describe(
      'Values of a segment column that are told apart, those with most rows in the reference first; rows of further ones are counted together as __other__',
    ),
  learningBytes: byteSize
    .prefault('128MiB')
    .describe('What is held back while a reference is learnt from the stream: learning ends early when it is full'),
  quarantineRows: count.default(100_000).describe('Quarantined records that are kept; the oldest make room'),
  quarantineBytes: byteSize.prefault('100MiB').describe('The same in bytes of their samples'),
  outboxRows: count
    .default(10_000)
    .describe(
      'Messages that may wait for delivery; when there are more, nothing is read until some are delivered or given up',
    ),
})
