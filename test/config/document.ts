// A small valid document, with parts that tests replace.

const parts = {
  sources: `
  production: {type: kafka, brokers: [localhost:9092], topics: [predictions, labels], events: canonical}
  history: {type: file, path: data/scored.csv, events: {id: row_id, time: scored_at, label: outcome}}`,
  models: `
  credit-risk: {source: history, task: binary, reference: {file: reference.csv}, windows: [{size: 1h, slide: 5m}]}`,
  channels: `
  ml-team: {type: slack, tokenFile: /run/secrets/slack, channel: "#ml-alerts"}`,
  routes: `
  - {match: {severity: alarm}, to: [ml-team]}`,
  retraining: `
  credit-risk: {target: webhook, url: "https://jobs.example.org/retrain"}`,
}

/** The text of a document; a part that is null is left out. */
export function documentText(changes: Partial<Record<keyof typeof parts, string | null>> = {}, more = ''): string {
  const sections = Object.entries({ ...parts, ...changes }).filter(([, text]) => text !== null)
  return `apiVersion: leeway/v1\n${sections.map(([name, text]) => `${name}:${text}`).join('\n')}\n${more}`
}

/** A document whose one model has these settings beside source, task, reference and windows, or in their place. */
export function withModel(settings: string): string {
  const defaults = {
    source: 'history',
    task: 'binary',
    reference: '{file: reference.csv}',
    windows: '[{size: 1h, slide: 5m}]',
  }
  const lines = settings
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const given = new Set(lines.map((line) => line.split(':')[0]))
  for (const [key, value] of Object.entries(defaults)) if (!given.has(key)) lines.push(`${key}: ${value}`)
  return documentText({ models: `\n  credit-risk:\n    ${lines.join('\n    ')}` })
}
