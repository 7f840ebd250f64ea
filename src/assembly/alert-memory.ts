// What a channel that holds alerts is reminded of after a restart.

import type { AlertMemory } from '../delivery/channels/alertmanager.ts'
import type { Views } from '../store/views.ts'

/** What a channel was told of incidents that go on, by the channel's name. */
export function alertMemoryOf(views: Pick<Views, 'toldOfOpen' | 'openIncidents'>): (channel: string) => AlertMemory {
  return (channel) => ({
    told: () => views.toldOfOpen(channel),
    openIncidents: () => new Set(views.openIncidents()),
  })
}
