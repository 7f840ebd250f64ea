// What PagerDuty's Events API v2 takes, as its published description has it (github.com/PagerDuty/api-schema, reference/events-v2,
// and its documentation of change events), written anew as JSON Schema and stricter: nothing that it does not name, and its limits.

const text = { type: 'string', minLength: 1 }
const url = { type: 'string', pattern: '^https?://' }

const links = {
  type: 'array',
  items: { type: 'object', required: ['href'], additionalProperties: false, properties: { href: url, text } },
}

const payload = {
  summary: { ...text, maxLength: 1024 },
  source: text,
  timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
  custom_details: { type: 'object' },
}

const common = { routing_key: { ...text, minLength: 32, maxLength: 32 }, dedup_key: { ...text, maxLength: 255 } }

const trigger = {
  type: 'object',
  required: ['routing_key', 'event_action', 'payload'],
  additionalProperties: false,
  properties: {
    ...common,
    event_action: { const: 'trigger' },
    payload: {
      type: 'object',
      required: ['summary', 'source', 'severity'],
      additionalProperties: false,
      properties: {
        ...payload,
        severity: { enum: ['critical', 'error', 'warning', 'info'] },
        component: text,
        group: text,
        class: text,
      },
    },
    client: text,
    client_url: url,
    links,
    images: {
      type: 'array',
      items: {
        type: 'object',
        required: ['src'],
        additionalProperties: false,
        properties: { src: { type: 'string', pattern: '^https://' }, href: url, alt: text },
      },
    },
  },
}

const following = {
  type: 'object',
  required: ['routing_key', 'event_action', 'dedup_key'],
  additionalProperties: false,
  properties: { ...common, event_action: { enum: ['acknowledge', 'resolve'] } },
}

/** `POST /v2/enqueue` */
export const alertEvent = { oneOf: [trigger, following] }

/** `POST /v2/change/enqueue` */
export const changeEvent = {
  type: 'object',
  required: ['routing_key', 'payload'],
  additionalProperties: false,
  properties: {
    routing_key: common.routing_key,
    payload: { type: 'object', required: ['summary'], additionalProperties: false, properties: payload },
    links,
    images: trigger.properties.images,
  },
}
