// Writes the page about the API: node src/http/write-api-page.ts

import { writeFileSync } from 'node:fs'
import { apiPage } from './api-page.ts'

writeFileSync(new URL('../../docs/api.md', import.meta.url), apiPage())
