/** One route's part of the report: the table its codec was chosen from. */
import { costsOf } from './choose-codecs.ts';
import { type CodecOptionReport, type RouteCodecs, tallyReport } from './codec-report.ts';
import type { ErrorTally } from './error-budget.ts';
import type { CodecSample } from './observations.ts';
import type { KnownProblem } from './steered-routes.ts';

interface Facts {
  /** Undefined: too little was measured to choose. */
  readonly problem: KnownProblem | undefined;
  /** Of the route. */
  readonly index: number;
  readonly assigned: readonly number[];
  /** Also of codecs that may not be used. */
  readonly samples: ReadonlyMap<string, CodecSample>;
  readonly lossless: (codec: string) => boolean;
  readonly errorOf: (codec: string) => ErrorTally | undefined;
  readonly allows: (codec: string) => boolean;
}

export function optionsReport(facts: Facts): Pick<RouteCodecs, 'linkMBPerS' | 'rawBytes' | 'options'> {
  const { problem, index, samples } = facts;
  const rawBytes = [...samples.values()][0]?.rawBytes ?? null;
  if (problem === undefined) return { linkMBPerS: null, rawBytes, options: [] };
  const { producer, consumer } = problem.routes[index]!;
  const perUs = problem.bandwidth(producer, consumer);
  const options = [...samples].map(([codec, sample]) => optionReport(facts, problem, codec, sample, perUs));
  return { linkMBPerS: Number.isFinite(perUs) ? perUs : null, rawBytes, options };
}

function optionReport(facts: Facts, problem: KnownProblem, codec: string, sample: CodecSample, perUs: number): CodecOptionReport {
  const { index, assigned, lossless, errorOf, allows } = facts;
  const { rawBytes, wireBytes, encodeUs, decodeUs } = sample;
  const error = errorOf(codec);
  // As if the route had no other choice.
  const option = { codec, wireBytes, encodeUs, decodeUs: decodeUs ?? encodeUs };
  const routes = problem.routes.with(index, { ...problem.routes[index]!, options: [option] });
  return {
    codec,
    lossless: lossless(codec),
    ratio: rawBytes === 0 ? 1 : wireBytes / rawBytes,
    encodeMs: encodeUs / 1000,
    decodeMs: decodeUs === undefined ? null : decodeUs / 1000,
    linkMs: wireBytes / perUs / 1000,
    periodMs: costsOf({ ...problem, routes }, assigned.with(index, 0)).periodUs / 1000,
    error: error === undefined ? null : tallyReport(error),
    withinBudget: allows(codec),
  };
}
