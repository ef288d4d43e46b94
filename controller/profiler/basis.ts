/**
 * What every known device would take for a subject, as logarithms of milliseconds: the basis that predictions for any device are made of.
 *
 *     subject's kernels ──▶ sum on each reference ─┐
 *     or its counts     ──▶ trees of each          ├──▶ + effect of load + slowdown now ──▶ x = [ln ms on reference 1, on reference 2, …]
 */
import type { Kernel } from '../../mesh/kernel.ts';
import { type CountedSubject, type CountsModel, fitCounts, predictCounts } from './counts-model.ts';
import type { KernelPrediction } from './kernels/kernel-model.ts';
import { fitLoadEffect, type LoadEffect, loadEffect } from './load-effect.ts';
import { fitProcessors, type Processor, processorKey } from './processor.ts';
import { memoryShare, slowdown } from './processor-speed.ts';
import { fitReference, msAsUsual, type Reference, referenceKey, referenceMs } from './reference.ts';
import { isUnloaded, type Sample } from './sample.ts';
import type { KernelsOf } from './subject-kernels.ts';

export interface Basis {
  readonly references: readonly Reference[];
  /** Of each reference, in the same order; undefined: too few whole models were measured there. */
  readonly counts: readonly (CountsModel | undefined)[];
  readonly load: LoadEffect;
}

/** What is asked about. Without kernels its counts have to do. */
export interface Query extends Pick<Sample, 'circumstance' | 'state'> {
  readonly subject: Pick<Sample['subject'], 'inputBytes' | 'outputBytes' | 'characteristics'>;
  readonly kernels?: readonly Kernel[];
}

export interface BasisPoint {
  readonly from: 'kernels' | 'counts';
  /** ln ms under the query's load, and as fast as its device is now, of each reference. */
  readonly x: readonly number[];
  /** Of the logarithm: what the load adds, on each reference. */
  readonly loadEffects: readonly number[];
  /** Of the logarithm: what the processor's speed adds, on each reference. Absent: the speed is not known, as usual is assumed. */
  readonly speedEffect?: number;
  /** Of each kernel on each reference, without load; empty: from counts. */
  readonly kernels: readonly (readonly KernelPrediction[])[];
  /** On each reference. */
  readonly parts: readonly (readonly BasisPart[])[];
  /** Part of the time whose kernels were measured just so, on the reference that knows most. */
  readonly known: number;
  readonly extrapolates: readonly string[];
}

/** `ms` of kernels of a kind, or the factor of a count. */
export interface BasisPart {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | '×';
}

/** Looks only at what it is given: whoever evaluates gives it the training part. */
export function fitBasis(samples: readonly Sample[], kernelsOf: KernelsOf): Basis {
  const timed = samples.filter(({ subject }) => subject.kind !== 'codec');
  const references: Reference[] = [];
  const counts: (CountsModel | undefined)[] = [];
  const processors = fitProcessors(timed, kernelsOf);
  for (const [name, alike] of Map.groupBy(timed, ({ circumstance }) => processorKey(circumstance))) {
    const processor = processors.get(name);
    if (processor === undefined) continue;
    for (const [key, own] of Map.groupBy(alike, ({ circumstance }) => referenceKey(circumstance))) {
      const reference = fitReference(key, own, processor, kernelsOf);
      if (reference === undefined) continue;
      references.push(reference);
      counts.push(fitCounts(own.filter(isUnloaded).flatMap((sample) => counted(sample, processor, kernelsOf(sample)))));
    }
  }
  const byKey = new Map(references.map((reference) => [reference.key, reference]));
  const rows = timed.flatMap((sample) => {
    const reference = byKey.get(referenceKey(sample.circumstance));
    const kernels = kernelsOf(sample);
    return reference === undefined || kernels === undefined
      ? []
      : [
          {
            sample,
            unloadedMs: referenceMs(reference, kernels, sample.subject).ms,
            ms: msAsUsual(sample, reference.processor.speed, kernels),
          },
        ];
  });
  return { references, counts, load: fitLoadEffect(rows) };
}

/** Undefined: nothing can be said, because nothing is known of any device, or of the subject. */
export function basisPoint({ references, counts, load }: Basis, query: Query): BasisPoint | undefined {
  const { kernels, subject } = query;
  if (references.length === 0) return undefined;
  const speed = speedEffectOf(references, query);
  const { speedEffect = 0 } = speed;
  const loaded = (ms: number): number => loadEffect(load, query, ms);
  if (kernels !== undefined && kernels.length > 0) {
    const sums = references.map((reference) => referenceMs(reference, kernels, subject));
    const effects = sums.map(({ ms }) => loaded(ms));
    return {
      ...{ from: 'kernels', loadEffects: effects, ...speed },
      x: sums.map(({ ms }, index) => Math.log(ms) + effects[index]! + speedEffect),
      kernels: sums.map((sum) => sum.kernels),
      parts: sums.map((sum) => partsOf(sum.kernels)),
      known: Math.max(...sums.map((sum) => knownShare(sum.kernels))),
      extrapolates: [...new Set(sums.flatMap((sum) => beyond(sum.kernels)))].slice(0, 3),
    };
  }
  if (subject.characteristics === undefined || counts.includes(undefined)) return undefined;
  const told = (counts as readonly CountsModel[]).map((model) => predictCounts(model, subject as CountedSubject));
  const effects = told.map(({ ms }) => loaded(ms));
  return {
    ...{ from: 'counts', loadEffects: effects, ...speed, known: 0, kernels: [] },
    x: told.map(({ ms }, index) => Math.log(ms) + effects[index]! + speedEffect),
    parts: told.map(({ factors }) => factors.map(({ name, factor }) => ({ name, value: factor, unit: '×' as const }))),
    extrapolates: [...new Set(told.flatMap((each) => each.extrapolates))].slice(0, 3),
  };
}

/** The same for all references: it is a fact of the query's device, and only its own usual speed tells what is slow for it. */
function speedEffectOf(references: readonly Reference[], query: Query): Pick<BasisPoint, 'speedEffect'> {
  const key = referenceKey(query.circumstance);
  const speed = references.find((reference) => reference.key === key)?.processor.speed;
  const { probeMs } = query.state;
  if (speed === undefined || probeMs === undefined) return {};
  return { speedEffect: Math.log(slowdown(speed, query, probeMs, memoryShare(query.kernels))) };
}

function counted(
  sample: Sample,
  { speed }: Processor,
  kernels: readonly Kernel[] | undefined,
): { readonly subject: CountedSubject; readonly ms: number }[] {
  const { subject } = sample;
  const { characteristics } = subject;
  if (characteristics === undefined || subject.kind !== 'model') return [];
  return [{ subject: { ...subject, characteristics }, ms: msAsUsual(sample, speed, kernels) }];
}

/** Milliseconds by kind of kernel, longest first. */
function partsOf(kernels: readonly KernelPrediction[]): BasisPart[] {
  return [...Map.groupBy(kernels, ({ group }) => group)]
    .map(([group, own]) => ({
      name: `${own.length} × ${group}`,
      value: own.reduce((sum, { us }) => sum + us, 0) / 1000,
      unit: 'ms' as const,
    }))
    .sort((a, b) => b.value - a.value);
}

function knownShare(kernels: readonly KernelPrediction[]): number {
  const all = kernels.reduce((sum, { us }) => sum + us, 0);
  return kernels.reduce((sum, { us, known }) => sum + (known ? us : 0), 0) / all;
}

/** Of each kind of kernels that take a part worth mentioning: the one that takes longest. */
function beyond(kernels: readonly KernelPrediction[]): string[] {
  const all = kernels.reduce((sum, { us }) => sum + us, 0);
  const strange = kernels.filter(({ extrapolates, us }) => extrapolates !== '' && us > PART_MIN * all);
  return [...Map.groupBy(strange, ({ group }) => group).values()].map((own) => own.reduce((a, b) => (b.us > a.us ? b : a)).extrapolates);
}

const PART_MIN = 0.02;
