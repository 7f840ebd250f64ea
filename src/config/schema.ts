import { z } from 'zod'
import { documentSchema } from './document.ts'

/** The JSON Schema (draft 2020-12) of the configuration document, as it is written: for editors and for `ajv`. */
export function documentJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(documentSchema, { io: 'input', target: 'draft-2020-12' })
  return { $schema, title: 'Configuration of leeway', ...schema }
}

/** The text of the published file. */
export function documentJsonSchemaText(): string {
  return `${JSON.stringify(documentJsonSchema(), null, 2)}\n`
}
