/**
 * How a sweep was measured, as pairs of a word and what there is to say: what was run, how often, and what each figure is.
 *
 *     infer   scenario, rows, …         train   data, optimizer, epochs, rows, …         both   bands, outliers, what a failure is
 */
import type { Scenario } from '../../mesh/loadgen/scenario.ts';
import { CONFIDENCE } from '../statistics/band.ts';
import { OUTLIER_SCORE, OUTLIER_SHARE, OUTLIERS_FROM } from '../statistics/outliers.ts';
import { duration, percent } from '../text/format.ts';
import { scenarioText } from './bench-text.ts';
import type { Fact } from './sweep-environment.ts';
import type { SweepReport } from './sweep-report.ts';
import { cacheText, limitNames } from './sweep-words.ts';
import { optimizerText, scheduleText } from './training-text.ts';

/** How a scenario loads the model, for who does not know its name. */
const loading = {
  'single-stream': 'one sample at a time, the next when the one before is done',
  'multi-stream': 'several samples in each query, the next when the one before is done',
  server: 'queries at random times',
  offline: 'all samples are there from the beginning',
} as const satisfies Record<Scenario['kind'], string>;

export function methodOf(report: SweepReport): Fact[] {
  const { load, trained, training, search, variants, threads, seed, deadlineMs, limit } = report;
  return [
    ...(load === null
      ? []
      : [['model', trained === null ? 'as it is' : `the best one of the training ${trained}`] as Fact, inferenceFact(load)]),
    ...(training === null ? [] : trainingFacts(training)),
    [
      'rows',
      search.kind === 'steps'
        ? `each value ${search.repeat} times in each variant, in rounds`
        : `bisection from ${search.from} down to ${search.floor} ${report.unit}`,
    ],
    ['page cache', [...new Set(variants.map(({ pageCache }) => cacheText(pageCache)))].join(', ')],
    ['threads asked for', threads === 0 ? 'as many as whole cores are available' : String(threads)],
    [
      'seed',
      training === null ? String(seed) : `${seed}: every row begins with the same parameters and takes the examples in the same order`,
    ],
    ['deadline', `${duration(deadlineMs)} for each run`],
    ['time', timeText(report)],
    ...(training === null
      ? []
      : [
          ['throughput', 'examples trained with in the time of batches and steps: the median of the epochs of the last stage'] as Fact,
          ['accuracy', 'share of the validation that is right, of the epoch whose parameters are kept as the best'] as Fact,
        ]),
    ['peak memory', "the kernel's own peak of the control group, page cache included"],
    [
      'lines and bands',
      `mean of the repeats that were ok, outliers included; ${percent(CONFIDENCE)} confidence interval of the mean by Student's t (one repeat: none)`,
    ],
    [
      'outliers',
      `modified z-score above ${OUTLIER_SCORE} (Iglewicz and Hoaglin 1993) and ${percent(OUTLIER_SHARE)} off the median, among at least ${OUTLIERS_FROM} repeats; marked, never left out`,
    ],
    ...(limit === 'cpu' ? [['knee', 'Kneedle (Satopää et al. 2011) of the medians, not smoothed'] as Fact] : []),
    [
      'a failure',
      `is a run that was killed for want of memory, thrashed, ran out of time or crashed; refused, cancelled and not tried say nothing about ${limitNames[limit]}`,
    ],
  ];
}

function inferenceFact({ scenario, durationMsMin, queriesMin, durationMsMax }: NonNullable<SweepReport['load']>): Fact {
  const least = `${duration(durationMsMin)} and ${queriesMin} ${scenario.kind === 'offline' ? 'samples' : 'queries'} at least`;
  return ['scenario', `${scenarioText(scenario)}: ${loading[scenario.kind]}; ${least}, ${duration(durationMsMax)} at most`];
}

const splits = {
  random: 'drawn at random from each class to validate',
  ordered: 'the end of each class to validate, its beginning to train with',
} as const satisfies Record<NonNullable<SweepReport['training']>['split'], string>;

function trainingFacts(training: NonNullable<SweepReport['training']>): Fact[] {
  const { dataSet, split, normalization, augment, batch, optimizer, learningRate, schedule, epochs, middleEpochs } = training;
  return [
    ['data set', dataSet],
    ['split', splits[split]],
    ['normalization', `${normalization}, each window by itself`],
    ['augmentation', augment ? 'of the examples to train with, anew each epoch' : 'none'],
    ['batch', `${batch} examples`],
    ['optimizer', optimizerText(optimizer)],
    ['learning rate', `${learningRate}, ${scheduleText(schedule)}`],
    ['epochs', `${epochs}; of an auto-encoder, ${middleEpochs} of reconstruction before`],
  ];
}

function timeText({ load }: SweepReport): string {
  if (load === null) return 'of an epoch of the last stage, with validation and checkpoint: the median of the epochs of a run';
  return load.scenario.kind === 'offline' ? '1000 ÷ samples per second' : 'median latency of the queries of a run, after warm-up';
}
