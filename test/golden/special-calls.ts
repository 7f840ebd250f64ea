// The golden calls that are special functions and tails of distributions.

import { binomialUpperTail } from '../../src/statistics/special/binomial.ts'
import {
  chiSquaredInverseUpperTail,
  chiSquaredLogUpperTail,
  chiSquaredUpperTail,
} from '../../src/statistics/special/chi-squared.ts'
import { fisherExact } from '../../src/statistics/special/fisher-exact.ts'
import { betaInc, betaIncInverse } from '../../src/statistics/special/incomplete-beta.ts'
import { gammaP, gammaQ } from '../../src/statistics/special/incomplete-gamma.ts'
import { kolmogorovUpperTail } from '../../src/statistics/special/kolmogorov.ts'
import { lnGamma } from '../../src/statistics/special/ln-gamma.ts'
import { erfc, normalLogUpperTail, normalQuantile, normalUpperTail } from '../../src/statistics/special/normal.ts'
import { poissonUpperTail } from '../../src/statistics/special/poisson.ts'
import { studentTQuantile, studentTUpperTail } from '../../src/statistics/special/student-t.ts'
import type { Arguments, Call } from './call.ts'

/** A function of numbers, its arguments in their order. */
function of(names: readonly string[], compute: (...numbers: number[]) => number): Call {
  return { run: (args: Arguments) => compute(...names.map((name) => args.number(name))) }
}

export const specialCalls: Readonly<Record<string, Call>> = {
  lnGamma: of(['x'], lnGamma),
  gammaP: of(['a', 'x'], gammaP),
  gammaQ: of(['a', 'x'], gammaQ),
  chi2Sf: of(['x', 'df'], chiSquaredUpperTail),
  chi2LogSf: of(['x', 'df'], chiSquaredLogUpperTail),
  chi2Isf: of(['p', 'df'], chiSquaredInverseUpperTail),
  normalSf: of(['x'], normalUpperTail),
  normalLogSf: of(['x'], normalLogUpperTail),
  normalQuantile: of(['p'], normalQuantile),
  erfc: of(['x'], erfc),
  betaInc: of(['a', 'b', 'x'], betaInc),
  betaIncInv: of(['a', 'b', 'p'], betaIncInverse),
  studentTSf: of(['t', 'df'], studentTUpperTail),
  studentTQuantile: of(['p', 'df'], studentTQuantile),
  kolmogorovSf: of(['x'], kolmogorovUpperTail),
  poissonSf: of(['k', 'mean'], poissonUpperTail),
  binomialSf: of(['k', 'trials', 'p'], binomialUpperTail),
  fisherExact: { run: (args) => fisherExact(args.list('table') as [number, number][]) },
}
