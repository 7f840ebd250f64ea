// A channel that is tried out: what would be sent is told to the log, and taken for delivered.

import type { Notification } from './notification.ts'
import type { Sender } from './sender.ts'

/** @param sender is closed with it, never asked to send, and never started: what it does by itself reaches its receiver, too */
export function createDryRun(sender: Sender, tell: (notification: Notification) => void): Sender {
  return {
    name: sender.name,
    async send(notification) {
      tell(notification)
      return { result: 'delivered', detail: 'dry run: logged, and not sent' }
    },
    close: () => sender.close(),
  }
}
