// What Grafana reads at its start: where Prometheus is, and where the dashboards lie. `leeway dashboards export` puts in both.

import { stringify } from 'yaml'

/** Replaced by `leeway dashboards export`, as they stand here: src/cli/dashboards.ts. */
const PROMETHEUS = 'http://prometheus:9090'
const FOLDER = '/var/lib/grafana/dashboards/leeway'

export const dataSourcesText = `# For /etc/grafana/provisioning/datasources. Not needed where Grafana knows Prometheus already.
${stringify({
  apiVersion: 1,
  datasources: [
    {
      name: 'Leeway',
      uid: 'leeway',
      type: 'prometheus',
      access: 'proxy',
      url: PROMETHEUS,
      jsonData: { httpMethod: 'POST', timeInterval: '15s' },
    },
  ],
})}`

export const providersText = `# For /etc/grafana/provisioning/dashboards. The folder is looked through for JSON, also below it.
${stringify({
  apiVersion: 1,
  providers: [
    {
      name: 'leeway',
      folder: 'Leeway',
      type: 'file',
      allowUiUpdates: false,
      updateIntervalSeconds: 60,
      options: { path: FOLDER },
    },
  ],
})}`
