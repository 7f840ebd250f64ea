// SageMaker as moto plays it. It checks signatures, but takes no notice of ClientRequestToken: that one run comes of one key is
// shown with a receiver of our own (test/delivery/orchestrators/presets.test.ts).

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../kafka/broker.ts'
import { ended, launched, newRequest, refuses } from './battery.ts'
import { answers, connected, installed, missingForCounterparts, startProgram, workFolder } from './counterpart.ts'

/** Requests that need no permission: those that make the user and the pipeline. */
const SET_UP_REQUESTS = 4

const setUp = `
import boto3, json, sys
options = dict(endpoint_url=sys.argv[1], region_name='eu-west-1', aws_access_key_id='none', aws_secret_access_key='none')
iam, sagemaker = boto3.client('iam', **options), boto3.client('sagemaker', **options)
sagemaker.create_pipeline(PipelineName='retrain', ClientRequestToken='x' * 32, RoleArn='arn:aws:iam::123456789012:role/retraining',
    PipelineDefinition=json.dumps({'Version': '2020-12-01', 'Steps': []}))
iam.create_user(UserName='leeway')
allowed = ['sagemaker:StartPipelineExecution', 'sagemaker:DescribePipeline', 'sagemaker:DescribePipelineExecution']
iam.put_user_policy(UserName='leeway', PolicyName='retrain', PolicyDocument=json.dumps(
    {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': allowed, 'Resource': '*'}]}))
key = iam.create_access_key(UserName='leeway')['AccessKey']
print(json.dumps([key['AccessKeyId'], key['SecretAccessKey']]))
`

const skip = missingForCounterparts() ?? false

test('SageMaker: signed requests start a pipeline and follow it', { skip, timeout: 300_000 }, async (t) => {
  const bin = installed('moto')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const cwd = workFolder(t)
  const program = startProgram(t, {
    ...{ bin, cwd, command: 'moto_server', args: ['-H', '127.0.0.1', '-p', String(port)] },
    env: { INITIAL_NO_AUTH_ACTION_COUNT: String(SET_UP_REQUESTS) },
  })
  await answers(`${url}/moto-api/`, program)
  const [accessKey, secretKey] = JSON.parse(execFileSync(join(bin, 'python'), ['-c', setUp, url], { encoding: 'utf8' }))
  const settings = { target: 'sagemaker', url, region: 'eu-west-1', pipeline: 'retrain' }
  const keys = { accessKeyFile: accessKey, secretKeyFile: secretKey }

  await t.test('launched, and followed to success', async (t) => {
    const orchestrator = connected(t, settings, keys)
    assert.equal((await orchestrator.check(AbortSignal.timeout(30_000))).result, 'ready')
    const request = newRequest()
    const run = await launched(orchestrator, request)
    const state = await ended(orchestrator, run, request)
    t.diagnostic(`${JSON.stringify(run)}: ${JSON.stringify(state)}`)
    assert.equal(state.state, 'succeeded')
  })
  await t.test('an unknown pipeline is refused', (t) =>
    refuses(t, connected(t, { ...settings, pipeline: 'other' }, keys), /other|not find|does not exist/i),
  )
  await t.test('a wrong secret key is refused', (t) =>
    refuses(t, connected(t, settings, { ...keys, secretKeyFile: 'x'.repeat(40) }), /signature/i),
  )
  await t.test('an unknown access key is refused', (t) =>
    refuses(t, connected(t, settings, { ...keys, accessKeyFile: 'nobody' }), /security token|InvalidClientTokenId/i),
  )
})
