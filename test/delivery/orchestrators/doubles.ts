// Receivers that behave as those of presets whose real counterparts need a cluster or an account: what they take, refuse and answer.

import type { Received } from '../../build/receivers.ts'

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A receiver of one preset. */
export interface Double {
  /** The settings of the preset beside its address. */
  readonly settings: Readonly<Record<string, string>>
  /** What changes them to a job that is not there. */
  readonly otherJob: Readonly<Record<string, string>>
  /** The header or whatever shows who asks. */
  readonly mayAsk: (request: Received) => boolean
  /** How a wrong login is answered. */
  readonly stranger?: Answer
  /** The request that starts a run, with what it starts. */
  readonly starts: (request: Received) => { readonly job: string; readonly key: string } | undefined
  readonly job: string
  /** Whether one key has one run there. */
  readonly isIdempotent: boolean
  readonly started: (run: DoubleRun, isNew: boolean) => Answer
  readonly unknownJob: Answer
  /** Everything else. */
  readonly look: (request: Received, runs: readonly DoubleRun[]) => Answer | undefined
  readonly states: { readonly running: string; readonly succeeded: string; readonly failed: string }
  /** The first id as leeway knows it. */
  readonly firstId: string
}

export interface DoubleRun {
  readonly number: number
  readonly key: string
  state: string
}

const json = ({ body }: Received) => JSON.parse(body)
const bearer = ({ headers }: Received) => headers.authorization === 'Bearer right-token'
const nothing: Answer = { status: 404, body: { message: 'Not Found' } }
const path = (request: Received) => new URL(request.path, 'http://double').pathname
const query = (request: Received, name: string) => new URL(request.path, 'http://double').searchParams.get(name)

function workflow({ key, state }: DoubleRun): object {
  return { metadata: { name: key, namespace: 'ml' }, status: state === '' ? {} : { phase: state } }
}

const argo: Double = {
  settings: { namespace: 'ml', template: 'retrain', tokenFile: 'right-token' },
  otherJob: { template: 'other' },
  job: 'retrain',
  isIdempotent: true,
  mayAsk: bearer,
  starts(request) {
    if (path(request) !== '/api/v1/workflows/ml/submit') return undefined
    const { namespace, resourceKind, resourceName, submitOptions } = json(request)
    if (namespace !== 'ml' || resourceKind !== 'WorkflowTemplate') return undefined
    const isRight = /^[a-z0-9-]{1,63}$/.test(submitOptions.name) && submitOptions.parameters.every(isAssignment)
    return isRight ? { job: resourceName, key: submitOptions.name } : undefined
  },
  started: (run, isNew) =>
    isNew
      ? { status: 200, body: workflow({ ...run, state: '' }) }
      : { status: 409, body: { code: 6, message: `workflows.argoproj.io "${run.key}" already exists` } },
  unknownJob: { status: 404, body: { code: 5, message: 'workflowtemplates.argoproj.io "other" not found' } },
  look(request, runs) {
    if (path(request) === '/api/v1/workflow-templates/ml/retrain') return { status: 200, body: { metadata: {} } }
    const run = runs.find(({ key }) => path(request) === `/api/v1/workflows/ml/${key}`)
    return run === undefined ? undefined : { status: 200, body: workflow(run) }
  },
  states: { running: 'Running', succeeded: 'Succeeded', failed: 'Error' },
  firstId: 'KEY',
}

function isAssignment(text: unknown): boolean {
  return typeof text === 'string' && /^\w+=/.test(text)
}

const pipelineRun = ({ number, key, state }: DoubleRun) => ({ run_id: `run-${number}`, display_name: key, state })

const kubeflow: Double = {
  settings: { pipeline: 'p1', pipelineVersion: 'v1', experiment: 'e1', tokenFile: 'right-token' },
  otherJob: { pipelineVersion: 'other' },
  job: 'v1',
  isIdempotent: false,
  mayAsk: bearer,
  starts(request) {
    if (path(request) !== '/apis/v2beta1/runs' || request.body === '') return undefined
    const { display_name: key, pipeline_version_reference: reference, runtime_config, experiment_id } = json(request)
    const isRight = experiment_id === 'e1' && typeof runtime_config.parameters.leeway === 'string'
    return isRight ? { job: reference.pipeline_version_id, key } : undefined
  },
  started: (run) => ({ status: 200, body: pipelineRun(run) }),
  unknownJob: { status: 404, body: { error_message: 'PipelineVersion other not found', code: 5 } },
  look(request, runs) {
    if (path(request) === '/apis/v2beta1/pipelines/p1/versions/v1') return { status: 200, body: {} }
    if (path(request) === '/apis/v2beta1/runs') {
      const { predicates } = JSON.parse(query(request, 'filter') ?? '{}')
      const [{ key, operation, string_value }] = predicates
      const found = runs.filter((run) => key === 'display_name' && operation === 'EQUALS' && run.key === string_value)
      return { status: 200, body: found.length === 0 ? {} : { runs: found.map(pipelineRun) } }
    }
    const run = runs.find(({ number }) => path(request) === `/apis/v2beta1/runs/run-${number}`)
    return run === undefined ? undefined : { status: 200, body: pipelineRun(run) }
  },
  states: { running: 'RUNNING', succeeded: 'SUCCEEDED', failed: 'FAILED' },
  firstId: 'run-1',
}

const workflowRun = ({ number, key, state }: DoubleRun) => ({
  id: number,
  display_title: `Retrain ${key}`,
  html_url: `https://github.com/shop/models/actions/runs/${number}`,
  status: state === 'in_progress' ? state : 'completed',
  conclusion: state === 'in_progress' ? null : state,
})

/** @param tells whether it takes `return_run_details`, as it has done since February 2026 */
function githubDouble(tells: boolean): Double {
  const of = '/repos/shop/models/actions/workflows/retrain.yml'
  return {
    settings: { repository: 'shop/models', workflow: 'retrain.yml', tokenFile: 'right-token' },
    otherJob: { workflow: 'other.yml' },
    job: 'retrain.yml',
    isIdempotent: false,
    mayAsk: (request) => bearer(request) && request.headers['x-github-api-version'] === '2022-11-28',
    starts(request) {
      const [, file] = /^\/repos\/shop\/models\/actions\/workflows\/([^/]+)\/dispatches$/.exec(path(request)) ?? []
      if (file === undefined) return undefined
      const { ref, inputs } = json(request)
      const isRight = ref === 'main' && Object.values(inputs).every((input) => typeof input === 'string')
      return isRight ? { job: file, key: inputs.leeway_key } : undefined
    },
    started: (run) => {
      const { id, html_url } = workflowRun(run)
      return tells ? { status: 200, body: { workflow_run_id: id, html_url } } : { status: 204 }
    },
    unknownJob: { status: 404, body: { message: 'Not Found' } },
    look(request, runs) {
      if (path(request) === of) return { status: 200, body: { state: 'active' } }
      if (path(request) === `${of}/runs`) return { status: 200, body: { workflow_runs: runs.map(workflowRun) } }
      const run = runs.find(({ number }) => path(request) === `/repos/shop/models/actions/runs/${number}`)
      return run === undefined ? undefined : { status: 200, body: workflowRun(run) }
    },
    states: { running: 'in_progress', succeeded: 'success', failed: 'failure' },
    firstId: '1',
  }
}

const gitlab: Double = {
  settings: { project: 'shop/models', tokenFile: 'right-token' },
  otherJob: { project: 'shop/other' },
  job: 'shop/models',
  isIdempotent: false,
  mayAsk: ({ headers }) => headers['private-token'] === 'right-token',
  starts(request) {
    const [, project] = /^\/api\/v4\/projects\/([^/]+)\/pipeline$/.exec(path(request)) ?? []
    if (project === undefined) return undefined
    const { ref, variables } = json(request)
    const key = variables.find((one: { key: string }) => one.key === 'LEEWAY_KEY')?.value
    return ref === 'main' ? { job: decodeURIComponent(project), key } : undefined
  },
  started: ({ number, state }) => ({
    status: 201,
    body: { id: number, status: state, web_url: `https://gitlab.com/shop/models/-/pipelines/${number}` },
  }),
  unknownJob: { status: 404, body: { message: '404 Project Not Found' } },
  look(request, runs) {
    if (path(request) === '/api/v4/projects/shop%2Fmodels') return { status: 200, body: { id: 7 } }
    const run = runs.find(({ number }) => path(request) === `/api/v4/projects/shop%2Fmodels/pipelines/${number}`)
    return run === undefined ? undefined : { status: 200, body: { id: run.number, status: run.state } }
  },
  states: { running: 'running', succeeded: 'success', failed: 'failed' },
  firstId: '1',
}

const build = ({ number, key }: DoubleRun) => ({
  number,
  url: `https://jenkins.example.org/job/ml/job/retrain/${number}/`,
  actions: [{}, { parameters: [{ name: 'leeway_key', value: key }] }],
})

const jenkins: Double = {
  settings: { job: 'ml/job/retrain', user: 'leeway', tokenFile: 'right-token' },
  otherJob: { job: 'other' },
  job: 'ml/job/retrain',
  isIdempotent: false,
  mayAsk: ({ headers }) => headers.authorization === `Basic ${btoa('leeway:right-token')}`,
  starts(request) {
    const [, job] = /^\/job\/(.+)\/buildWithParameters$/.exec(path(request)) ?? []
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
    const key = new URLSearchParams(request.body).get('leeway_key')
    return job === undefined || !isForm || key === null ? undefined : { job, key }
  },
  started: ({ number }) => ({
    status: 201,
    headers: { location: `https://jenkins.example.org/queue/item/${number + 100}/` },
  }),
  unknownJob: { status: 404 },
  look(request, runs) {
    if (path(request) === '/job/ml/job/retrain/api/json') {
      const isTree = query(request, 'tree')?.startsWith('builds')
      return { status: 200, body: isTree ? { builds: runs.map(build) } : { buildable: true } }
    }
    const queued = runs.find(({ number }) => path(request) === `/queue/item/${number + 100}/api/json`)
    if (queued !== undefined)
      return { status: 200, body: { executable: { number: queued.number, url: build(queued).url } } }
    const run = runs.find(({ number }) => path(request) === `/job/ml/job/retrain/${number}/api/json`)
    if (run === undefined) return undefined
    const isOver = run.state !== ''
    return { status: 200, body: { result: isOver ? run.state : null, building: !isOver, timestamp: 1_795_000_000_000 } }
  },
  states: { running: '', succeeded: 'SUCCESS', failed: 'UNSTABLE' },
  firstId: 'queue:101',
}

const dagRun = ({ key, state }: DoubleRun) => ({ dag_run_id: key, dag_id: 'retrain', state })

const airflow2: Double = {
  settings: { dag: 'retrain', user: 'leeway', passwordFile: 'right-token' },
  otherJob: { dag: 'other' },
  job: 'retrain',
  isIdempotent: true,
  mayAsk: ({ headers }) => headers.authorization === `Basic ${btoa('leeway:right-token')}`,
  starts(request) {
    const [, dag] = /^\/api\/v1\/dags\/([^/]+)\/dagRuns$/.exec(path(request)) ?? []
    if (dag === undefined) return undefined
    const { dag_run_id: key, conf, ...others } = json(request)
    // A logical date that is null is refused by Airflow 2.
    return conf.id === key && !('logical_date' in others) ? { job: dag, key } : undefined
  },
  started: (run, isNew) =>
    isNew
      ? { status: 200, body: dagRun(run) }
      : {
          status: 409,
          body: {
            status: 409,
            title: 'Conflict',
            detail: `DAGRun with DAG ID: 'retrain' and DAGRun ID: '${run.key}' already exists`,
          },
        },
  unknownJob: { status: 404, body: { title: 'DAG not found', detail: "DAG with dag_id: 'other' not found" } },
  look(request, runs) {
    if (path(request) === '/api/v1/dags/retrain') return { status: 200, body: { is_paused: false } }
    const run = runs.find(({ key }) => path(request) === `/api/v1/dags/retrain/dagRuns/${key}`)
    return run === undefined ? undefined : { status: 200, body: dagRun(run) }
  },
  states: { running: 'running', succeeded: 'success', failed: 'failed' },
  firstId: 'KEY',
}

const arn = (number: number) => `arn:aws:sagemaker:eu-west-1:123456789012:pipeline/retrain/execution/${number}`
const call = ({ headers }: Received) => headers['x-amz-target']

const sagemaker: Double = {
  settings: { region: 'eu-west-1', pipeline: 'retrain', accessKeyFile: 'right-token', secretKeyFile: 'a-secret-key' },
  otherJob: { pipeline: 'other' },
  job: 'retrain',
  isIdempotent: true,
  mayAsk: ({ headers }) =>
    headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=right-token/') === true &&
    headers['content-type'] === 'application/x-amz-json-1.1',
  stranger: { status: 400, body: { __type: 'UnrecognizedClientException', message: 'The security token is invalid.' } },
  starts(request) {
    if (call(request) !== 'SageMaker.StartPipelineExecution') return undefined
    const {
      PipelineName: job,
      ClientRequestToken: token,
      PipelineExecutionDisplayName: key,
      PipelineParameters,
    } = json(request)
    const isRight =
      /^[a-zA-Z0-9-]{32,128}$/.test(token) && token.endsWith(key) && /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}$/.test(key)
    return isRight && PipelineParameters[0].Name === 'leeway' ? { job, key } : undefined
  },
  started: ({ number }) => ({ status: 200, body: { PipelineExecutionArn: arn(number) } }),
  unknownJob: { status: 400, body: { __type: 'ResourceNotFound', Message: 'Pipeline other does not exist.' } },
  look(request, runs) {
    const asked = json(request)
    if (call(request) === 'SageMaker.DescribePipeline')
      return asked.PipelineName === 'retrain' ? { status: 200, body: { PipelineName: 'retrain' } } : this.unknownJob
    const run = runs.find(({ number }) => asked.PipelineExecutionArn === arn(number))
    return run === undefined
      ? { status: 400, body: { __type: 'ResourceNotFound', Message: 'no such execution' } }
      : { status: 200, body: { PipelineExecutionStatus: run.state, CreationTime: 1_795_000_000.5 } }
  },
  states: { running: 'Executing', succeeded: 'Succeeded', failed: 'Failed' },
  firstId: arn(1),
}

export const doubles: ReadonlyArray<readonly [target: string, double: Double]> = [
  ['argo', argo],
  ['kubeflow', kubeflow],
  ['github', githubDouble(true)],
  ['github', githubDouble(false)],
  ['gitlab', gitlab],
  ['jenkins', jenkins],
  ['airflow2', airflow2],
  ['sagemaker', sagemaker],
]

/** What a double answers. */
export function answerOf(double: Double, request: Received, runs: DoubleRun[]): Answer {
  if (!double.mayAsk(request)) return double.stranger ?? { status: 401, body: { message: 'Bad credentials' } }
  const start = double.starts(request)
  if (start === undefined) return double.look(request, runs) ?? nothing
  if (start.job !== double.job) return double.unknownJob
  const known = double.isIdempotent ? runs.find(({ key }) => key === start.key) : undefined
  if (known !== undefined) return double.started(known, false)
  const run = { number: runs.length + 1, key: start.key, state: double.states.running }
  runs.push(run)
  return double.started(run, true)
}
