// A thread that runs one job after another.

import { parentPort } from 'node:worker_threads'
import type { Job } from './run-cell.ts'
import { runJob } from './run-cell.ts'

parentPort?.on('message', (job: Job) => parentPort?.postMessage(runJob(job)))
