// Columns and outcomes as JSON, and back: typed arrays become lists.

import type { Column, OutcomeSchema } from '../summaries/schema.ts'

export function plainColumn(column: Column) {
  switch (column.kind) {
    case 'numeric':
      return { ...column, edges: [...column.edges] }
    case 'categorical':
      return column
    case 'embedding':
      return { ...column, center: [...column.center], clusters: [...column.clusters], edges: [...column.edges] }
  }
}

export function readColumn(plain: ReturnType<typeof plainColumn>): Column {
  switch (plain.kind) {
    case 'numeric':
      return { ...plain, edges: Float64Array.from(plain.edges) }
    case 'categorical':
      return plain
    case 'embedding':
      return {
        ...plain,
        center: Float64Array.from(plain.center),
        clusters: Float64Array.from(plain.clusters),
        edges: Float64Array.from(plain.edges),
      }
  }
}

export function plainOutcome(outcome: OutcomeSchema) {
  switch (outcome.task) {
    case 'binary':
      return { ...outcome, scoreEdges: [...outcome.scoreEdges] }
    case 'multilabel':
      return outcome
    case 'multiclass':
      return { ...outcome, scoreEdges: outcome.scoreEdges.map((edges) => [...edges]) }
    case 'regression':
      return { ...outcome, errorEdges: [...outcome.errorEdges] }
  }
}

export function readOutcome(plain: ReturnType<typeof plainOutcome>): OutcomeSchema {
  switch (plain.task) {
    case 'binary':
      return { ...plain, scoreEdges: Float64Array.from(plain.scoreEdges) }
    case 'multilabel':
      return plain
    case 'multiclass':
      return { ...plain, scoreEdges: plain.scoreEdges.map((edges) => Float64Array.from(edges)) }
    case 'regression':
      return { ...plain, errorEdges: Float64Array.from(plain.errorEdges) }
  }
}
