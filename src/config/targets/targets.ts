// Whom to ask for a run: the kinds of targets that `retraining` can name.

import { z } from 'zod'
import type { HttpTarget } from '../../delivery/orchestrators/target.ts'
import { placeholdersOf } from '../../delivery/orchestrators/template.ts'
import type { JsonValue } from '../../retraining/orchestrator.ts'
import { suggest } from '../explain.ts'
import { secretPath } from '../forms.ts'
import type { ConnectionInput, ConnectionSettings, Surroundings } from '../kafka-settings.ts'
import { kafkaConnection, resolveConnection, topic } from '../kafka-settings.ts'
import type { Finding } from '../schema-problems.ts'
import { httpSettings, resolveHttp } from './http-target.ts'
import { faultOfLogin, presetSettings, resolvePreset } from './preset-target.ts'
import { airflow, airflow2 } from './presets/airflow.ts'
import { argo } from './presets/argo.ts'
import { dagster } from './presets/dagster.ts'
import { github } from './presets/github.ts'
import { gitlab } from './presets/gitlab.ts'
import { jenkins } from './presets/jenkins.ts'
import { kubeflow } from './presets/kubeflow.ts'
import { mlflow } from './presets/mlflow.ts'
import { prefect } from './presets/prefect.ts'
import type { Preset } from './presets/preset.ts'
import { sagemaker } from './presets/sagemaker.ts'
import { webhook } from './presets/webhook.ts'
import type { SecretPlace } from './secret-place.ts'

const presets: Readonly<Record<string, Preset>> = {
  airflow,
  airflow2,
  prefect,
  dagster,
  argo,
  kubeflow,
  github,
  gitlab,
  jenkins,
  sagemaker,
  mlflow,
}

const webhookSettings = presetSettings('webhook', webhook)
  .omit({ every: true, link: true, parameters: true })
  .extend({ secretFile: secretPath.optional().describe('File with the secret that signs each request') })

const sourceForm = 'a URI or a path that tells this leeway from others, such as /leeway/production'

const kafkaSettings = z.strictObject({
  target: z.literal('kafka'),
  ...kafkaConnection,
  topic: topic.describe('Where requests go; it must be there'),
  source: z
    .string(sourceForm)
    .regex(/^[\w.~:/?#@!$&'()*+,;=%-]{1,256}$/, sourceForm)
    .default('/leeway')
    .describe('Who says so: the attribute source of every event'),
})

/** What the document says of a target, whichever it is. */
export interface TargetInput {
  readonly target: string
  readonly url?: string | undefined
  readonly timeout?: number | undefined
  readonly secretFile?: string | undefined
  readonly sasl?: ConnectionInput['sasl']
}

/**
 * The settings of every kind of target, each together with those that all targets share.
 *
 * @param shared settings beside those of the target
 */
export function targetSettings<const Shared extends z.ZodRawShape>(
  shared: Shared,
): z.ZodType<z.output<z.ZodObject<Shared>> & TargetInput> {
  const named = Object.entries(presets).map(([name, preset]) => presetSettings(name, preset).extend(shared))
  const others = [webhookSettings.extend(shared), httpSettings.extend(shared), kafkaSettings.extend(shared)]
  const all = [...others, ...named] as unknown as [z.core.$ZodTypeDiscriminable]
  return z.discriminatedUnion('target', all) as unknown as z.ZodType<z.output<z.ZodObject<Shared>> & TargetInput>
}

/** What placeholders can stand for in every text of a target; each may have steps behind it. */
const usual = [
  ...['key', 'model', 'version', 'cause', 'reason', 'at', 'incident', 'features', 'evidence', 'reference', 'links'],
  ...['request', 'settings'],
]

/** What a schema cannot see: whether the login is whole, and whether placeholders stand for something. */
export function faultsOfTarget(input: TargetInput): Finding[] {
  const preset = presets[input.target]
  const login = preset === undefined ? undefined : faultOfLogin(preset, { ...input })
  return [
    ...(login === undefined ? [] : [{ path: [], message: login }]),
    ...(input.url?.includes('{{')
      ? [{ path: ['url'], message: 'an address has no placeholders; put them into a path' }]
      : []),
    ...faultsOfPlaceholders({ ...input } as Readonly<Record<string, JsonValue>>),
  ]
}

function* faultsOfPlaceholders(input: Readonly<Record<string, JsonValue>>): Iterable<Finding> {
  yield* faultsIn(input['parameters'], ['parameters'], usual)
  const found = Object.keys(input['before'] ?? {}).map((name) => `before.${name}`)
  const secrets = Object.keys(input['secrets'] ?? {}).map((name) => `secrets.${name}`)
  const ofRun = ['run', 'answer', 'url']
  const steps = Object.values(input['before'] ?? {}).map((step: JsonValue) => ['before', step, []] as const)
  const blocks: ReadonlyArray<readonly [name: string, block: JsonValue | undefined, more: readonly string[]]> = [
    ...steps,
    ['check', input['check'], []],
    ['launch', input['launch'], ofRun],
    ['find', input['find'], ofRun],
    ['queue', input['queue'], ofRun],
    ['poll', input['poll'], ['run']],
  ]
  for (const [name, block, more] of blocks) {
    if (typeof block !== 'object' || block === null) continue
    for (const [setting, value] of Object.entries(block)) {
      // Secrets go into headers and bodies; addresses are logged by whoever is on the way.
      const open = ['headers', 'json', 'form'].includes(setting) ? secrets : []
      // What was asked before a launch is not asked again each time its run is looked at.
      const isLook = name === 'queue' || name === 'poll'
      yield* faultsIn(value, [name], [...usual, 'parameters', ...(isLook ? [] : found), ...more, ...open])
    }
  }
}

function* faultsIn(
  template: JsonValue | undefined,
  path: readonly string[],
  known: readonly string[],
): Iterable<Finding> {
  for (const { name, fault } of placeholdersOf(template ?? null)) {
    if (fault !== null) yield { path, message: fault }
    else if (!known.some((one) => name === one || name.startsWith(`${one}.`)))
      yield { path, message: `{{${name}}} stands for nothing here${suggest(name, known)} (${known.join(', ')})` }
  }
}

/** A target, its defaults filled in. */
export type TargetSettings =
  /** `name`: `airflow`. */
  | { readonly name: string; readonly http: HttpTarget<SecretPlace> }
  | { readonly name: 'kafka'; readonly kafka: KafkaTarget }

export interface KafkaTarget extends ConnectionSettings {
  readonly topic: string
  readonly source: string
}

/** @param input has passed all checks */
export function resolveTarget(input: TargetInput, surroundings: Surroundings): TargetSettings {
  const { absolute } = surroundings
  const { target: name } = input
  if (name === 'kafka') {
    const { topic, source, ...connection } = input as z.output<typeof kafkaSettings>
    return { name, kafka: { topic, source, ...resolveConnection(connection, surroundings) } }
  }
  if (name === 'http') return { name, http: resolveHttp(input as z.output<typeof httpSettings>, absolute) }
  const http = resolvePreset(presets[name] ?? webhook, { ...input }, absolute)
  if (input.secretFile === undefined) return { name, http }
  const secret = { setting: 'secretFile', place: absolute(input.secretFile) }
  return { name, http: { ...http, auth: { type: 'signature', secret } } }
}

/** Where it is, for people; the rest of an address may be a secret. */
export function whereIs(target: TargetSettings): string {
  return 'kafka' in target
    ? `${target.kafka.brokers.join(', ')}, topic ${target.kafka.topic}`
    : new URL(target.http.url).origin
}
