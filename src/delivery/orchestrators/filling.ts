// From a request as data to one that can be sent.

import type { JsonValue, RunRequest } from '../../retraining/orchestrator.ts'
import { formatInstant } from '../../time.ts'
import { escapeJson } from '../text-safety.ts'
import type { Outgoing } from './login.ts'
import type { HttpTarget, RequestTemplate } from './target.ts'
import type { Values } from './template.ts'
import { fillHeader, fillJson, fillPath } from './template.ts'

/** Of what is told of an incident: the worst tests come first. */
const EVIDENCE_MAX = 20
const FORM = 'application/x-www-form-urlencoded'

/** What placeholders stand for. */
export function valuesOf(request: RunRequest, { settings, parameters }: HttpTarget): Values {
  const { key, model, version, cause, reason, features, reference, links } = request
  const at = formatInstant(request.at)
  const incident =
    request.incident === null ? null : { ...request.incident, since: formatInstant(request.incident.since) }
  const evidence = request.evidence
    .slice(0, EVIDENCE_MAX)
    .map((one) => ({ ...one, end: formatInstant(one.end) }) as unknown as JsonValue)
  const about = { model, version, cause, reason, at, incident, features, evidence, reference, links }
  const asked = { id: key, ...about, parameters: request.parameters }
  const values: Values = { ...about, key, request: asked, settings }
  const filled = fillJson(parameters, values)
  // Of whoever asked: over those of the configuration.
  const isMap = typeof filled === 'object' && filled !== null && !Array.isArray(filled)
  return { ...values, parameters: isMap ? { ...filled, ...request.parameters } : filled }
}

/** @throws TemplateError when it cannot be filled with these values */
export function fill(
  { method, path, query, headers, body }: RequestTemplate,
  { url, secrets }: HttpTarget,
  values: Values,
): Outgoing {
  // Secrets go into headers and bodies; addresses are logged by whoever is on the way.
  const open = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret().reveal()]))
  const all: Values = { ...values, secrets: open }
  const search = new URLSearchParams(
    Object.entries(query).map(([name, one]) => [name, textOrJson(fillJson(one, values))]),
  )
  const written = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), fillHeader(text, all)])
  const type = body === null ? {} : { 'content-type': body.as === 'json' ? 'application/json' : FORM }
  const base = path === '' ? url : withoutSlash(url)
  return {
    method,
    url: `${base}${fillPath(path, values)}${search.size === 0 ? '' : `?${search}`}`,
    headers: { accept: 'application/json', 'user-agent': 'leeway', ...type, ...Object.fromEntries(written) },
    body: contentOf(body, all),
  }
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

function contentOf(body: RequestTemplate['body'], values: Values): string {
  if (body === null) return ''
  const filled = fillJson(body.value, values)
  if (body.as === 'json') return escapeJson(JSON.stringify(filled))
  const fields = typeof filled === 'object' && filled !== null ? Object.entries(filled) : []
  return String(new URLSearchParams(fields.map(([name, one]) => [name, textOrJson(one)])))
}

function textOrJson(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
