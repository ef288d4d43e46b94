/**
 * From the options of `controller run` to an order for a run's process, and back: there they are read by the same parser as a person's command
 * line, each as the value of one option, so that nothing in an order can become another option.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelBlobs, RunOrder } from '../../mesh/run-order.ts';
import { parseRunOptions, type RunOptions } from './run-options.ts';

export interface Ordered {
  readonly run: string;
  readonly model: string;
  readonly modelFile: ModelBlobs | undefined;
  readonly cuts: string;
  /** Content of the plan file. */
  readonly plan: string | undefined;
  /** Paths on the device. */
  readonly input: string | undefined;
  readonly output: string | undefined;
}

export function orderOfOptions(options: RunOptions, ordered: Ordered): RunOrder {
  const { objective, on, spares, weight, threads, frames, seed, rateFps, window, codecs, errorBudget, verify, keep } = options;
  return {
    ...ordered,
    ...{ objective, on, spares, weight, threads, frames, seed, rateFps, window, errorBudget },
    keepFrames: keep,
    codec: codecs.codec,
    shadowEvery: codecs.shadowEvery,
    verify: verify === 0 ? 'off' : String(verify),
  };
}

/** `folder`: where the agent has put what belongs to the order. Error `usage` for values that make no sense. */
export function optionsOfOrder(order: RunOrder, folder: string, where: { readonly mesh: string; readonly insecure: boolean }): RunOptions {
  const model = order.modelFile === undefined ? order.model : join(folder, 'model', 'model.onnx');
  const plan = join(folder, 'plan.json');
  const values: Readonly<Record<string, string | number | undefined>> = {
    split: order.cuts === '' ? model : `${model}@${order.cuts}`,
    plan: order.plan !== undefined && existsSync(plan) ? plan : undefined,
    objective: order.objective,
    on: order.on.length === 0 ? undefined : order.on.join(','),
    spares: order.spares,
    weight: order.weight,
    threads: order.threads,
    frames: order.frames,
    input: order.input,
    seed: order.seed,
    rate: order.rateFps,
    window: order.window,
    codec: order.codec,
    'error-budget': order.errorBudget,
    'shadow-every': order.errorBudget === undefined ? undefined : order.shadowEvery,
    verify: order.verify,
    mesh: where.mesh,
  };
  const argv = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  return parseRunOptions([...argv, ...(where.insecure ? ['--insecure'] : [])]);
}
