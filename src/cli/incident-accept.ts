// "This is normal from now on": a deed about an incident that changes what its model is compared with.

import type { Command } from 'commander'
import type { ApiOptions } from './api-client.ts'
import { apiClient, withApi } from './api-client.ts'
import { printText } from './options.ts'

interface Options extends ApiOptions {
  readonly note?: string
  readonly from?: string
}

export function registerAccept(incidents: Command): void {
  withApi(incidents.command('accept <id>'))
    .description('accept what the model does now as the new normal: it is compared with that from here on')
    .option('--note <text>', 'why, for the audit')
    .option('--from <time>', 'rows from then on count (default: since the incident began)')
    .addHelpText('after', '\nExample:\n  leeway incidents accept 3f2a9c01d4e5b6a7 --note "new price list"')
    .action(async (id: string, { note = '', from, ...options }: Options) => {
      const path = `/api/v1/incidents/${encodeURIComponent(id)}/accept`
      const { detail } = (await apiClient(options).post(path, { note, ...(from && { from }) })) as { detail: string }
      printText(`${detail.replaceAll('; ', ';\n  ')}\n`)
    })
}
