// Every model, and which of them needs a person.

import { addressOf } from '../address.ts'
import { html } from '../html.ts'
import { Link } from '../link.ts'
import { Shown } from '../states.ts'
import { useData } from '../surroundings.ts'

interface Models {
  readonly models: ReadonlyArray<{ readonly name: string; readonly task: string; readonly versions: readonly string[] }>
}

export function Fleet() {
  const models = useData<Models>('models')
  return html`<h1>Fleet</h1>
    <${Shown} of=${models} what="the models">${(data: Models) => html`<ul>
      ${data.models.map(({ name, task }) => html`<li><${Link} to=${addressOf(['models', name])}>${name}</${Link}> <span class="muted">${task}</span></li>`)}
    </ul>`}</${Shown}>`
}
