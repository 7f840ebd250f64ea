// Templates: plain strings in, elements out. What is put in between is text, whatever it says.

import { html as bound } from 'htm/preact'
import type { ComponentChildren, VNode } from 'preact'

export const html = bound as (parts: TemplateStringsArray, ...values: unknown[]) => VNode

/** What may stand between two tags. */
export type Content = ComponentChildren
