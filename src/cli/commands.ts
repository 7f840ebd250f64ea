// Every command, in the order of the help. A command is a file beside this one that exports `register`.

import type { Command } from 'commander'
import { register as check } from './check.ts'
import { register as version } from './version.ts'

export const commands: ReadonlyArray<(program: Command) => void> = [check, version]
