// The annotations of models: incidents from their beginning to their end, and retraining.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { AnnotationQuery } from '@grafana/grafana-foundation-sdk/dashboard'
import { annotation } from './frame.ts'
import { alarm, reference, warning } from './look.ts'

/** @param scope of models */
export function modelMarks(scope: string): Array<Builder<AnnotationQuery>> {
  const incidents = (severities: string) =>
    `sum by (model, version, kind, severity) (leeway_incidents_active{${scope}, severity=~"${severities}"}) > 0`
  return [
    annotation('Alarms', {
      color: alarm,
      expr: incidents('alarm|critical'),
      title: '▲ {{severity}}: {{kind}}',
      text: '{{model}} {{version}}',
    }),
    annotation('Warnings', {
      color: warning,
      expr: incidents('warning'),
      title: '◆ {{severity}}: {{kind}}',
      text: '{{model}} {{version}}',
    }),
    annotation('Retraining asked for', {
      color: reference,
      expr: `max by (model, version) (leeway_retrain_last_timestamp_seconds{${scope}}) * 1000`,
      title: '▽ a retraining run was asked for',
      text: '{{model}} {{version}}',
      isTime: true,
    }),
    annotation('Retraining runs', {
      color: reference,
      expr: `sum by (model) (leeway_retrain_requests{${scope}, state="running"}) > 0`,
      title: '▽ a retraining run is under way',
      text: '{{model}}',
    }),
  ]
}
