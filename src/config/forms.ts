// The forms in which single values are written. The message of each says what is expected: errors put what was found before it.

import { z } from 'zod'
import { className } from '../events/class-name.ts'
import { isUnsafeKey } from '../events/fields.ts'
import { faultOfUrl, isHost, parseAllowed } from '../outbound/addresses.ts'
import { parseDuration } from '../time.ts'
import { looksSecret } from './secret-patterns.ts'

const durationForm = 'a duration: a whole number and a unit, such as 90s, 5m, 1h or 7d'
const durationText = z.string(durationForm).regex(/^\d{1,12}(ms|s|m|h|d)$/, durationForm)

/** A length of time; milliseconds once read. */
export const duration = durationText.transform((text) => parseDuration(text) as number)

/** A length of time of at least a millisecond. */
export const positiveDuration = durationText
  .refine((text) => parseDuration(text) !== 0, 'a duration longer than 0')
  .transform((text) => parseDuration(text) as number)

const sizeForm = 'a size in bytes: a whole number above 0, alone or with KiB, MiB or GiB, such as 100MiB'
const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** A size, as a number of bytes or with a unit; bytes once read. */
export const byteSize = z
  .union([z.int(sizeForm), z.string(sizeForm).regex(/^\d{1,9}(KiB|MiB|GiB)$/, sizeForm)], sizeForm)
  .transform((value) =>
    typeof value === 'number' ? value : Number.parseInt(value, 10) * (units[value.slice(-3)] as number),
  )
  .refine((bytes) => bytes > 0, sizeForm)

const nameForm = 'a name of at most 64 letters, digits, dots, dashes and underscores that begins with a letter or digit'

/** What a source or channel is called. */
export const name = z
  .string(nameForm)
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, nameForm)
  .refine(isSafe, 'another name: JavaScript uses this one itself')

const modelNameForm = 'a name of 1 to 128 characters on one line'

/** What a model is called: whatever the events call it. */
export const modelName = z
  .string(modelNameForm)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]{1,128}$/, modelNameForm)
  .refine(isSafe, 'another name: JavaScript uses this one itself')

function isSafe(text: string): boolean {
  return !isUnsafeKey(text)
}

const columnForm = 'the name of a column, or a path such as payload.age'

/** A column of a file or record. */
export const column = z.string(columnForm).min(1, columnForm).max(256, columnForm)

const segmentForm = 'the name of a column on one line, without ='

/** A column that tells segments apart: segments are called COLUMN=VALUE. */
export const segmentColumn = z
  .string(segmentForm)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  .regex(/^[^=\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]{1,256}$/, segmentForm)
  .refine(isSafe, 'another name: JavaScript uses this one itself')

const classForm = 'a class name: text of 1 to 128 characters, a number, true or false'

/** A class as text, however it was written. */
export const classLabel = z
  .union([z.string().min(1).max(128), z.number(), z.boolean()], classForm)
  .transform((value) => className(value))

const fileForm = 'the path of a file'

/** A file; relative to the configuration file. */
export const filePath = z.string(fileForm).min(1, fileForm)

const secretForm = 'the path of a file that holds the secret, or env:VARIABLE, not the secret itself'

/** A file that holds a secret, or `env:NAME`. A secret in its place is not shown in the error. */
export const secretPath = z
  .string(secretForm)
  .regex(/^(?!https?:)(?:env:[A-Za-z_]\w{0,127}|(?!env:)[^\n]{1,1024})$/, secretForm)
  .refine((text) => !looksSecret(text), secretForm)

const urlForm = 'an address that begins with http:// or https://'

/** Where to post to. */
export const url = z
  .string(urlForm)
  .superRefine((text, context) => {
    const fault = faultOfUrl(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `an address that ${fault}` })
  })
  .meta({ format: 'uri' })

const hostForm = 'the name or address of a mail server'

/** A server to connect to. */
export const host = z.string(hostForm).refine(isHost, hostForm)

const allowedForm = 'a name (airflow, *.internal.example), an address or a range (10.0.0.0/8)'

/** What leeway may connect to beside public addresses. */
export const allowedHost = z.string(allowedForm).refine((text) => parseAllowed(text) !== undefined, allowedForm)

const addressForm = 'an email address such as ml-team@example.org'

/** One plain address: no display name, and no line break that could smuggle in another header. */
export const emailAddress = z.string(addressForm).regex(/^[^\s@<>",;:]+@[^\s@<>",;:]+$/, addressForm)

export const port = z
  .int('a port from 1 to 65535')
  .min(1, 'a port from 1 to 65535')
  .max(65535, 'a port from 1 to 65535')

/** Which charts go with messages: names and shares of frequent categories stand in a distribution. */
export const chartsWanted = z
  .enum(['all', 'course', 'none'], 'all, course or none')
  .default('all')
  .describe('all: the course of what alarms, and the distribution of the worst feature; course: the former alone')

export type ChartsWanted = z.output<typeof chartsWanted>
