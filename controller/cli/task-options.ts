/**
 * `ml.args` of a descriptor whose workload is a model: options of `controller bench run`, or with strategy mesh of `controller run`; those that the descriptor
 * itself says, or that are no part of what is measured, are refused.
 */
import { MeshError } from '../../mesh/error.ts';
import { graphOptimizations } from '../../mesh/session-settings.ts';
import type { Descriptor, DescriptorFile, ModelWorkload } from '../descriptor/descriptor.ts';
import { type BenchRunValues, benchRunKinds } from './bench-job.ts';
import { loadKinds, modelKinds, parseLimits, parseLoad, parsePageCache, parseSeed, parseThreads } from './bench-options.ts';
import { oneOf, parseOptions } from './options.ts';
import { parseRunOptions, type RunOptions } from './run-options.ts';
import { parseTraining, trainingKinds } from './training-options.ts';

/** What the words may say of a model on one device. */
const benchWords = new Set([...Object.keys({ ...modelKinds, ...loadKinds, ...trainingKinds }), 'optimization', 'find-peak', 'page-cache']);
benchWords.delete('model');

/** What the words may not say of a pipeline: the descriptor does, or the controller. */
const runWordsNot = new Set(['split', 'on', 'detach', 'at', 'keep', 'json', 'report', 'data', 'nats', 'mesh', 'listen', 'insecure']);

/** Error `usage` for a word that can't be one here. */
export function benchValuesOf({ model, options }: ModelWorkload): BenchRunValues {
  refuseEnd(options);
  for (const word of options) {
    const name = nameOf(word);
    if (name !== undefined && !benchWords.has(name))
      throw new MeshError('usage', `--${name} can't be given here: options of controller bench run that say what is computed can`, {
        hint: 'limits, devices, repeats and timeout have keys of their own: docs/descriptors.md',
      });
  }
  return parseOptions('bench run', ['--model', model, ...options], benchRunKinds, 0).values;
}

/** The words of `controller run`. Error `usage` as for {@link benchValuesOf}. */
export function runWordsOf({ model, options }: ModelWorkload): readonly string[] {
  refuseEnd(options);
  for (const word of options) {
    const name = nameOf(word);
    if (name !== undefined && runWordsNot.has(name))
      throw new MeshError('usage', `--${name} can't be given here: the descriptor, or the command that runs it, says so`);
  }
  return ['--split', model, ...options];
}

/** Error `usage` with a line for each combination's words that can't be carried out. */
export function checkOptions({ name, combinations, lineOf }: DescriptorFile): void {
  const problems = new Set(combinations.flatMap(({ descriptor }) => problemOf(descriptor) ?? []));
  const line = lineOf(['ml', 'args']);
  if (problems.size > 0) throw new MeshError('usage', [...problems].map((what) => `${name}:${line}: ml.args: ${what}`).join('\n'));
}

function problemOf({ workload, hardware }: Descriptor): string | undefined {
  if (workload.kind !== 'model') return undefined;
  try {
    if (hardware.strategy === 'mesh') checkRun(parseRunOptions(runWordsOf(workload)));
    else checkBench(benchValuesOf(workload));
    return undefined;
  } catch (error) {
    return MeshError.from(error).message;
  }
}

function checkRun({ output }: RunOptions): void {
  if (output !== undefined) throw new MeshError('usage', '--output: a benchmark keeps figures, not outputs');
}

function checkBench(values: BenchRunValues): void {
  const mode = oneOf('--mode', values.mode ?? 'infer', ['infer', 'train']);
  const alien = Object.keys(mode === 'train' ? { ...loadKinds, optimization: '', 'find-peak': '' } : trainingKinds).find((name) =>
    Object.hasOwn(values, name),
  );
  if (alien !== undefined) throw new MeshError('usage', `--${alien} is not for --mode ${mode}`);
  if (mode === 'train') parseTraining(values.model!, values, { epochs: 1 });
  else {
    const { scenario } = parseLoad(values, { durationMs: 1, durationMsMax: 1 });
    if (values['find-peak'] === true && scenario.kind !== 'server') throw new MeshError('usage', '--find-peak wants --scenario server');
    oneOf('--optimization', values.optimization ?? 'all', graphOptimizations);
  }
  parseLimits(values);
  parseSeed(values.seed);
  parseThreads(values.threads);
  if (values['page-cache'] !== undefined) parsePageCache('--page-cache', values['page-cache']);
}

/** More options are added behind these. */
function refuseEnd(options: readonly string[]): void {
  if (options.includes('--')) throw new MeshError('usage', '"--" was not expected here: nothing stands behind the options of a model');
}

function nameOf(word: string): string | undefined {
  return /^--([a-z][a-z-]*)(=|$)/.exec(word)?.[1];
}
