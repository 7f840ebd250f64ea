// Writes the JSON Schema of the configuration beside the default configuration: node src/config/write-schema.ts

import { writeFileSync } from 'node:fs'
import { documentJsonSchemaText } from './schema.ts'

const file = new URL('../../config/leeway.schema.json', import.meta.url)
writeFileSync(file, documentJsonSchemaText())
