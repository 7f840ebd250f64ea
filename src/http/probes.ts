// What orchestrators and Prometheus ask.

import type { Health } from '../telemetry/health.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ReadRoute } from './route.ts'

export function metricsRoute(metrics: Pick<Metrics, 'contentType' | 'page'>): ReadRoute {
  return {
    method: 'GET',
    path: '/metrics',
    query: {},
    needs: 'metrics',
    handle: async () => ({ status: 200, type: metrics.contentType, body: await metrics.page() }),
  }
}

/** Reasons name brokers and folders: they are for those who may read. */
export function probeRoutes(health: Health): readonly ReadRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      query: {},
      needs: 'probe',
      handle: () => ({ status: 200, type: 'text/plain', body: 'ok\n' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      query: { verbose: 'flag' },
      needs: 'probe',
      handle({ query, mayRead }) {
        const status = health.ready ? 200 : 503
        if (query['verbose'] !== undefined && mayRead)
          return { status, json: { ready: health.ready, checks: health.checks } }
        const waiting = health.checks
          .filter(({ ok, isVital }) => !ok && isVital !== false)
          .map(({ name, because }) => (mayRead ? `${name}: ${because}\n` : `${name}\n`))
        return { status, type: 'text/plain', body: health.ready ? 'ready\n' : `not ready\n${waiting.join('')}` }
      },
    },
  ]
}
