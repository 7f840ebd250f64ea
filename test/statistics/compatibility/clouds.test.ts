// The distances of Azure, SageMaker and Vertex, against NumPy 2.4.6 and SciPy 1.17.1 applied to their published definitions.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { azureJensenShannon, azureWasserstein } from '../../../src/statistics/compatibility/azure/distances.ts'
import { sagemakerLinf, sagemakerLinfOfCategories } from '../../../src/statistics/compatibility/sagemaker/linf.ts'
import { vertexJensenShannon, vertexLInfinity } from '../../../src/statistics/compatibility/vertex/divergences.ts'

const reference = Float64Array.from({ length: 200 }, (_, i) => ((i * 37) % 101) / 10)
const current = Float64Array.from({ length: 200 }, (_, i) => ((i * 53) % 89) / 8 + 1)
const counts = { reference: Float64Array.of(600, 250, 150, 0), current: Float64Array.of(40, 30, 20, 10) }

function near(got: number, wanted: number): void {
  assert.ok(Math.abs(got - wanted) <= 1e-12, `got ${got}, wanted ${wanted}`)
}

test('Azure takes W1 in units of the deviation with divisor n - 1, and the Jensen-Shannon distance to base 2', () => {
  near(azureWasserstein(reference, current), 0.5232146862870689)
  near(azureJensenShannon(counts), 0.26220501675312896)
})

test('SageMaker takes the largest difference, by its robust method less what small samples make of it', () => {
  near(sagemakerLinf('simple', reference, current), 0.185)
  near(sagemakerLinf('robust', reference, current), 0.005)
  near(sagemakerLinfOfCategories('simple', counts), 0.2)
  near(sagemakerLinfOfCategories('robust', counts), 0.011214407329372733)
})

test('Vertex takes the Jensen-Shannon divergence over ten buckets of each sample, and the largest difference of a share', () => {
  near(vertexJensenShannon(reference, current), 0.14528467898228192)
  near(vertexJensenShannon(current, reference), 0.14528467898228192)
  near(vertexLInfinity(counts), 0.2)
})

test('Vertex has one bucket for a sample of one value', () => {
  near(vertexJensenShannon(Float64Array.of(1, 1), Float64Array.of(1)), 0)
  near(vertexJensenShannon(Float64Array.of(1, 1), Float64Array.of(0, 1, 2)), 1)
})

test('a sample without values has no distance', () => {
  const nothing = Float64Array.of(Number.NaN)
  for (const distance of [azureWasserstein, vertexJensenShannon])
    assert.throws(() => distance(reference, nothing), /current/)
  assert.throws(() => sagemakerLinf('simple', nothing, current), /reference/)
})
