import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const call = (name: string) => ({
  method: 'POST' as const,
  path: '/',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `SageMaker.${name}` },
})

/** Keeps the token of each client: a second request is answered with the first execution. Errors name their kind in `__type`. */
export const sagemaker: Preset = {
  calls: 'SageMaker',
  url: 'https://api.sagemaker.{{settings.region}}.amazonaws.com',
  settings: {
    region: named('a region such as eu-west-1').regex(/^[a-z0-9-]+$/, 'a region such as eu-west-1'),
    pipeline: named('the name or ARN of a pipeline'),
  },
  logins: [{ by: 'aws', service: 'sagemaker' }],
  blocks: {
    idempotent: true,
    parameters: { leeway: '{{key}}' },
    check: { ...call('DescribePipeline'), json: { PipelineName: '{{settings.pipeline}}' } },
    launch: {
      ...call('StartPipelineExecution'),
      json: {
        PipelineName: '{{settings.pipeline}}',
        PipelineExecutionDisplayName: '{{key}}',
        PipelineExecutionDescription: '{{reason}}',
        PipelineParameters: '{{parameters|named}}',
        // At least 32 characters.
        ClientRequestToken: 'leeway-retraining-{{key}}',
      },
      accepted: [200],
      later: { __type: ['*Throttling*', '*TooManyRequests*', '*ResourceLimitExceeded*'] },
      because: ['message', 'Message', '__type'],
      id: 'PipelineExecutionArn',
    },
    poll: {
      ...call('DescribePipelineExecution'),
      json: { PipelineExecutionArn: '{{run.id}}' },
      state: 'PipelineExecutionStatus',
      states: {
        Executing: 'running',
        Stopping: 'running',
        Stopped: 'cancelled',
        Failed: 'failed',
        Succeeded: 'succeeded',
      },
      lost: { __type: '*ResourceNotFound*' },
      detail: 'FailureReason',
      startedAt: 'CreationTime',
      endedAt: 'LastModifiedTime',
    },
  },
}
