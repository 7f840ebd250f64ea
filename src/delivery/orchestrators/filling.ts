// From a request as data to one that can be sent.

import type { JsonValue, RunRequest } from '../../retraining/orchestrator.ts'
import { escapeJson } from '../text-safety.ts'
import type { Outgoing } from './login.ts'
import { requestJson } from './request-json.ts'
import type { HttpTarget, RequestTemplate } from './target.ts'
import type { Values } from './template.ts'
import { fillHeader, fillJson, fillPath } from './template.ts'

const FORM = 'application/x-www-form-urlencoded'

/** What placeholders stand for. */
export function valuesOf(request: RunRequest, { settings, parameters }: HttpTarget): Values {
  const asked = requestJson(request)
  const values: Values = { ...asked, key: request.key, request: asked, settings }
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
