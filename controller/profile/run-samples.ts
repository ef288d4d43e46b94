/**
 * What a run shows of its stages and codecs, as samples: a run measures them anyway.
 *
 *     stage: median of its compute times      codec: median of encoding on the way out and of decoding on the way in, where it is the only one of its stage
 */

import { NO_CODEC } from '../../mesh/codec.ts';
import type { Device } from '../../mesh/device.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { Plan, Stage } from '../../partition/plan.ts';
import type { Sample, Subject, TimeFigures } from '../profiler/sample.ts';
import { circumstanceOf, NO_LOAD } from './circumstance.ts';
import { type Activations, withActivations } from './fused-activation.ts';
import { familyOf, modelName } from './subjects/families.ts';
import { bytesOfSpecs } from './subjects/subject.ts';

/** Times of single frames, microseconds. */
interface Times {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  distribution(divisor: number): { readonly p50: number; readonly p90: number } | undefined;
}

export interface RunFacts {
  readonly run: string;
  /** When it ended, milliseconds since 1970. */
  readonly atMs: number;
  /** As the person named it. */
  readonly model: string;
  readonly plan: Plan;
  readonly activations: Activations;
  /** Of each stage's file, hexadecimal; undefined: not known. */
  readonly sha256Of: (stage: Stage) => string | undefined;
  /** Undefined: nothing was measured there. */
  readonly timesOf: (
    stage: Stage,
  ) => { readonly compute: Times; readonly encode: Times; readonly decode: Times; readonly probe: Times } | undefined;
  readonly linkOf: (from: string, to: string) => RunLink | undefined;
  readonly loadedOf: (stage: Stage) => { readonly threads: number; readonly kernels: readonly Kernel[] } | undefined;
  /** Undefined: it did not answer. */
  readonly deviceOf: (name: string) => Device | undefined;
  /** How many devices share one machine, and its cores. */
  readonly sharing: number;
}

export interface RunLink {
  /** Of all frames together. */
  readonly rawBytes: number;
  readonly wireBytes: number;
  readonly transfer: { readonly count: number };
  readonly codec: string | undefined;
}

export function runSamples(facts: RunFacts): readonly Sample[] {
  return facts.plan.stages.flatMap((stage) => {
    const [device, loaded, times] = [facts.deviceOf(stage.device), facts.loadedOf(stage), facts.timesOf(stage)];
    if (device === undefined || loaded === undefined || times === undefined) return [];
    const state = optional('probeMs', times.probe.distribution(1000)?.p50);
    const sample = (subject: Subject, measured: Times): Sample[] => {
      const time = figuresOf(measured);
      if (time === undefined) return [];
      const limits = {
        ...optional('quotaCores', device.cpuQuotaCores),
        ...optional('memoryLimitBytes', device.memoryLimitBytes),
        ...(facts.sharing > 1 ? { sharing: facts.sharing } : {}),
      };
      const circumstance = circumstanceOf(device, limits, loaded.threads, NO_LOAD);
      return [{ run: facts.run, source: 'run', atMs: facts.atMs, execution: 1, subject, circumstance, state, time }];
    };
    const computed = sample(stageSubject(stage, facts), times.compute);
    const { routes } = facts.plan;
    return [
      ...computed.map((each) =>
        loaded.kernels.length > 0 ? { ...each, kernelsSeen: withActivations(loaded.kernels, facts.activations) } : each,
      ),
      ...codecSubjects(
        'encode',
        routes.filter(({ from }) => from === stage.id),
        facts,
      ).flatMap((subject) => sample(subject, times.encode)),
      ...codecSubjects(
        'decode',
        routes.filter(({ to }) => to === stage.id),
        facts,
      ).flatMap((subject) => sample(subject, times.decode)),
    ];
  });
}

function stageSubject(stage: Stage, { model, sha256Of }: RunFacts): Subject {
  const name = modelName(model);
  return {
    ...{ kind: 'stage', model: name, family: familyOf(name), part: stage.layers, sha256: sha256Of(stage) ?? '' },
    inputBytes: bytesOfSpecs(stage.inputs),
    outputBytes: bytesOfSpecs(stage.outputs),
  };
}

/** None when the stage has several such routes, as their times are measured together; or none that encodes. */
function codecSubjects(part: 'encode' | 'decode', routes: Plan['routes'], { linkOf }: RunFacts): Subject[] {
  const [route, ...others] = routes;
  const link = route === undefined ? undefined : linkOf(route.from, route.to);
  const codec = link?.codec ?? NO_CODEC;
  if (others.length > 0 || link === undefined || codec === NO_CODEC || link.transfer.count === 0) return [];
  const { count } = link.transfer;
  return [
    {
      ...{ kind: 'codec', model: codec, family: codec, part, sha256: '' },
      inputBytes: link.rawBytes / count,
      outputBytes: link.wireBytes / count,
    },
  ];
}

function figuresOf(times: Times): TimeFigures | undefined {
  const found = times.distribution(1000);
  if (found === undefined) return undefined;
  const { count, min, sum } = times;
  return { ms: found.p50, batches: [sum / count / 1000], count, medianMs: found.p50, p90Ms: found.p90, minMs: min / 1000 };
}
