// Writes the dashboards to dashboards/: node src/telemetry/write-dashboards.ts

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelOverview } from './dashboard.ts'

writeFileSync(
  join(import.meta.dirname, '..', '..', 'dashboards', 'model-overview.json'),
  `${JSON.stringify(modelOverview(), null, 2)}\n`,
)
