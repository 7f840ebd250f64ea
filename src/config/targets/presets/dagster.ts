import { named } from '../named.ts'
import type { Preset } from './preset.ts'

// What varies goes into variables of GraphQL, never into the text of a query.
const selector = {
  repositoryLocationName: '{{settings.location}}',
  repositoryName: '{{settings.repository}}',
}

/** Knows no key of ours, but finds runs by tag: asked before each launch, and when a reply was lost. Errors come as status 200. */
export const dagster: Preset = {
  calls: 'Dagster',
  settings: {
    job: named('the name of a job'),
    location: named('the name of a code location'),
    repository: named('the name of a repository').default('__repository__'),
  },
  logins: [{ by: 'nothing' }, { by: 'token', header: 'dagster-cloud-api-token', prefix: '' }],
  blocks: {
    idempotent: false,
    parameters: {},
    check: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'query($selector: PipelineSelector!) { found: pipelineOrError(params: $selector) { __typename ... on PipelineNotFoundError { message } ... on PythonError { message } } }',
        variables: { selector: { ...selector, pipelineName: '{{settings.job}}' } },
      },
      where: { 'data.found.__typename': 'Pipeline' },
      otherwise: 'Dagster has no such job in this code location and repository',
    },
    launch: {
      path: '/graphql',
      json: {
        query:
          'mutation($params: ExecutionParams!) { launched: launchRun(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } ... on PipelineNotFoundError { message } ... on RunConfigValidationInvalid { errors { message } } ... on PythonError { message } } }',
        variables: {
          params: {
            selector: { ...selector, jobName: '{{settings.job}}' },
            runConfigData: '{{parameters}}',
            executionMetadata: {
              tags: [
                { key: 'leeway/key', value: '{{key}}' },
                { key: 'leeway/request', value: '{{request|json}}' },
              ],
            },
          },
        },
      },
      accepted: [200],
      where: { 'data.launched.__typename': 'LaunchRunSuccess' },
      // Something broke while it was launched, perhaps after the run had been written down.
      unsure: { 'data.launched.__typename': 'PythonError' },
      because: [
        'data.launched.message',
        'data.launched.errors.0.message',
        'data.launched.__typename',
        'errors.0.message',
      ],
      id: 'data.launched.run.runId',
      link: '{{url}}/runs/{{run.id}}',
    },
    find: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'query($filter: RunsFilter!) { runs: runsOrError(filter: $filter, limit: 1) { __typename ... on Runs { results { runId tags { key value } } } } }',
        variables: { filter: { tags: [{ key: 'leeway/key', value: '{{key}}' }] } },
      },
      items: 'data.runs.results',
      where: { 'tags.key=leeway/key.value': '{{key}}' },
      id: 'runId',
      link: '{{url}}/runs/{{run.id}}',
    },
    poll: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'query($id: ID!) { run: runOrError(runId: $id) { __typename ... on Run { status startTime endTime } ... on PythonError { message } } }',
        variables: { id: '{{run.id}}' },
      },
      every: '15s',
      state: 'data.run.status',
      states: {
        QUEUED: 'queued',
        NOT_STARTED: 'queued',
        MANAGED: 'queued',
        STARTING: 'queued',
        STARTED: 'running',
        CANCELING: 'running',
        SUCCESS: 'succeeded',
        FAILURE: 'failed',
        CANCELED: 'cancelled',
      },
      lost: { 'data.run.__typename': 'RunNotFoundError' },
      startedAt: 'data.run.startTime',
      endedAt: 'data.run.endTime',
    },
  },
}
