// Documents whose models read what has an end.

import { ConfigError } from '../config/config-error.ts'
import type { Document } from '../config/document.ts'

/** The document with its models on file sources. @throws ConfigError when there is none to read */
export function fromFiles(document: Document, source: string | undefined): Document {
  const problem = (path: string, message: string) =>
    new ConfigError([{ file: document.file, line: null, column: null, path, message }])
  const files = [...document.sources.values()].filter(({ type }) => type === 'file').map(({ name }) => name)
  if (source !== undefined && !files.includes(source)) {
    throw problem('--source', `${JSON.stringify(source)} is not a file source; there is: ${files.join(', ') || 'none'}`)
  }
  const models = [...document.models.values()].map((model) => ({ ...model, source: source ?? model.source }))
  const streaming = models.find((model) => !files.includes(model.source))
  if (streaming !== undefined) {
    throw problem(
      `models.${streaming.name}.source`,
      `${streaming.source} has no end and cannot be replayed; name a file source with --source (there is: ${files.join(', ') || 'none'})`,
    )
  }
  return { ...document, models: new Map(models.map((model) => [model.name, model])) }
}
