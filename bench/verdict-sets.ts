// The data sets on which verdicts are compared, what really happened in them, and what other libraries say of the same rows at
// their defaults. Every figure about other libraries was measured, each on at most 20 windows of the rows given here.

import type { Windows } from '../test/build/replay.ts'

export interface DataSet {
  readonly name: string
  readonly config: string
  /** Measured with scikit-learn on the scored rows. */
  readonly happened: string
  /** What a monitor should do. */
  readonly wanted: string
  /** The windows the other libraries were given, one after another, in time: the rows come at a steady pace. */
  readonly windows: Windows
  readonly rows: number
  readonly peers: Peers
}

/** Windows with any column drifted / windows that the library calls drifted as a whole. */
export interface Peers {
  readonly windows: number
  /** Windows whose metric is worse, or better, than every one of 400 random windows of the reference. */
  readonly worse: number
  readonly better?: number
  readonly evidently: string
  readonly whylogs: string
  readonly alibi: string
  /** Any column; then alarms of reconstruction, of the estimate (CBPE or DLE) and of the realised metric. */
  readonly nannyml: string
  /** ADWIN on the error stream: alarms in the reference / in production. */
  readonly river: string
}

const tumbling = (size: string): Windows => [{ size, slide: size }]

export const dataSets: readonly DataSet[] = [
  {
    name: 'california',
    config: 'examples/california/leeway.yaml',
    happened: 'ROC AUC .908 → .840, and .91 again in the last third; Longitude and Latitude move from place to place',
    wanted: 'features and performance; ROC AUC recovered in the last third',
    windows: tumbling('500h'),
    rows: 500,
    peers: {
      windows: 16,
      worse: 11,
      evidently: '16 / 16',
      whylogs: '16 / 16',
      alibi: '16 / 16',
      nannyml: '16; 10, 12, 12',
      river: '0 / 27',
    },
  },
  {
    name: 'employment-ma',
    config: 'test/data/employment-ma.yaml',
    happened: 'nothing in three years: ROC AUC .903 → .904; ancestry (ANC) PSI .008',
    wanted: 'silence',
    windows: tumbling('54d'),
    rows: 10_444,
    peers: {
      windows: 20,
      worse: 0,
      evidently: '0 / 0',
      whylogs: '20 / 0',
      alibi: '20 / 20',
      nannyml: '20; 1, 0, 0',
      river: '0 / 0',
    },
  },
  {
    name: 'employment-ma-incident',
    config: 'test/data/employment-ma-incident.yaml',
    happened:
      'another population from 2017-12-04 to 2018-01-27: ROC AUC .81, F1 .44; before and after .904 and .845, with 7.5 % of the reference (group quarters) absent',
    wanted: 'features and performance within days of 4 December; performance silent before, and resolved after',
    windows: tumbling('376h'),
    rows: 3_000,
    peers: {
      windows: 20,
      worse: 3,
      evidently: '19 / 3',
      whylogs: '20 / 4',
      alibi: '20 / 20',
      nannyml: '20; 4, 3, 3',
      river: '0 / 2',
    },
  },
  {
    name: 'wine',
    config: 'test/data/wine.yaml',
    happened: 'red wine, then white: accuracy .748 → .667, ROC AUC .818 → .767; PSI up to 4.7',
    wanted: 'features within a few windows',
    windows: tumbling('244m'),
    rows: 244,
    peers: {
      windows: 20,
      worse: 12,
      evidently: '20 / 20',
      whylogs: '20 / 20',
      alibi: '20 / 20',
      nannyml: '20; 20, 0, 2',
      river: '0 / 1',
    },
  },
  {
    name: 'adult',
    config: 'test/data/adult.yaml',
    happened: 'nothing: ROC AUC .928 → .924, largest PSI .005',
    wanted: 'silence',
    windows: tumbling('814m'),
    rows: 814,
    peers: {
      windows: 20,
      worse: 0,
      evidently: '2 / 0',
      whylogs: '20 / 1',
      alibi: '10 / 3',
      nannyml: '0; 0, 0, 0',
      river: '0 / 0',
    },
  },
  {
    name: 'sea',
    config: 'test/data/sea.yaml',
    happened:
      'the concept changes at row 10,000 (2026-01-06T05:00) and again at 20,000: accuracy .89 → .82; no feature moves',
    wanted: 'performance, never features',
    windows: tumbling('750m'),
    rows: 1_500,
    peers: {
      windows: 20,
      worse: 14,
      evidently: '0 / 0',
      whylogs: '3 / 1',
      alibi: '3 / 1',
      nannyml: '0; 10, 0, 3',
      river: '0 / 2',
    },
  },
  {
    name: 'elec',
    config: 'test/data/elec.yaml',
    happened:
      'concept drift and seasons: ROC AUC .855 → .721, by sixths .78 .67 .73 .61 .85 .86; transfer and vicdemand move',
    wanted: 'features and performance; estimates without labels are wrong here',
    windows: tumbling('45450m'),
    rows: 1_515,
    peers: {
      windows: 20,
      worse: 14,
      better: 2,
      evidently: '20 / 19',
      whylogs: '20 / 19',
      alibi: '20 / 20',
      nannyml: '19; 15, 11, 8',
      river: '6 / 49',
    },
  },
  {
    name: 'car-price',
    config: 'test/data/car-price.yaml',
    happened: 'features move from the middle on (2017-02-28), MAE falls from 850 to 771: better',
    wanted: 'features in the second half; no performance alarm, for it improved',
    windows: tumbling('28h'),
    rows: 1_000,
    peers: {
      windows: 20,
      worse: 0,
      better: 10,
      evidently: '10 / 10',
      whylogs: '13 / 10',
      alibi: '13 / 11',
      nannyml: '13; 10, 10, 10',
      river: '0 / 1',
    },
  },
  {
    name: 'bike-rental',
    config: 'test/data/bike-rental.yaml',
    happened: 'another season and growing demand: MAE 24.4 → 36.9, bias 8 at first, −22 at the end',
    wanted: 'features and performance',
    windows: tumbling('219h'),
    rows: 219,
    peers: {
      windows: 20,
      worse: 16,
      evidently: '20 / 20',
      whylogs: '20 / 20',
      alibi: '20 / 20',
      nannyml: '19; 11, 0, 0',
      river: '6 / 8',
    },
  },
  {
    name: 'credit-cards',
    config: 'test/data/credit-cards.yaml',
    happened:
      'accuracy .755 → .662: .76 in the first half, .56 from the middle on (2020-11-01); credit_bureau_score moves',
    wanted: 'performance from the middle on',
    windows: tumbling('147h'),
    rows: 1_000,
    peers: {
      windows: 20,
      worse: 10,
      evidently: '10 / 8',
      whylogs: '13 / 10',
      alibi: '13 / 10',
      nannyml: '13; 10, 10, 10',
      river: '0 / 1',
    },
  },
]
