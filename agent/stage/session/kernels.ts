/**
 * The kernels a session runs, from the runtime's own profile of its warm-up. The profile is a file of trace events (Chrome's format) that
 * ONNX Runtime writes when it is told to stop; one event of a node looks like
 *
 *     {"cat": "Node", "name": "relu.out_nchwc_kernel_time", "dur": 1234,
 *      "args": {"op_name": "Conv", "input_type_shape": [{"float": [1,3,224,224]}, …], …}}
 *
 * `dur` is whole microseconds.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Kernel, TimedKernel } from '../../../mesh/kernel.ts';
import { median } from '../../../mesh/ranked.ts';

interface TraceEvent {
  readonly cat?: unknown;
  readonly name?: unknown;
  readonly dur?: unknown;
  readonly args?: { readonly op_name?: unknown; readonly input_type_shape?: unknown; readonly output_type_shape?: unknown };
}

const SUFFIX = '_kernel_time';

/** ONNX Runtime's names of element types, where they are not ours. */
const typeNames: Readonly<Record<string, string>> = { float: 'float32', double: 'float64' };

/** Kernels in the order of their first run, each once. Error: SyntaxError when the text is no JSON. */
export function kernelsOfProfile(json: string): Kernel[] {
  return [...runsOfKernels(json)].map(([kernel]) => kernel);
}

/**
 * The same with their times in a profile of `warmUps` inferences, which do not count, and `inferences` after them. A kernel that runs several times in each (it is in the body of a loop) has the time of all of them
 * together. Error: SyntaxError.
 */
export function timedKernelsOfProfile(json: string, inferences: number, warmUps = 0): TimedKernel[] {
  return [...runsOfKernels(json)].map(([kernel, us]) => ({ ...kernel, us: median(sumsOf(us, inferences, warmUps)) }));
}

/** Of each inference after the warm-up; one of all, on average, when they did not run it equally often. */
function sumsOf(us: readonly number[], inferences: number, warmUps: number): number[] {
  const sum = (some: readonly number[]): number => some.reduce((all, one) => all + one, 0);
  const each = us.length / (warmUps + inferences);
  if (!Number.isInteger(each)) return [sum(us) / (warmUps + inferences)];
  return Array.from({ length: inferences }, (_, index) => sum(us.slice((warmUps + index) * each, (warmUps + index + 1) * each)));
}

/** Kernel → microseconds of each of its runs. */
function runsOfKernels(json: string): Map<Kernel, number[]> {
  const events = JSON.parse(json) as readonly TraceEvent[];
  const found = new Map<string, { readonly kernel: Kernel; readonly us: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || typeof name !== 'string' || !name.endsWith(SUFFIX)) continue;
    const own = name.slice(0, -SUFFIX.length);
    const operator = `${own.endsWith('_nchwc') ? 'nchwc.' : ''}${String(args?.op_name)}`;
    const one = found.get(own) ?? {
      kernel: { name: own, operator, inputs: typesOf(args?.input_type_shape), outputs: typesOf(args?.output_type_shape) },
      us: [],
    };
    one.us.push(Number(dur));
    found.set(own, one);
  }
  return new Map([...found.values()].map(({ kernel, us }) => [kernel, us]));
}

/** Each type is an object of one entry: element type → sizes. */
function typesOf(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each) =>
    Object.entries(each as object).map(([type, dims]) => `${typeNames[type] ?? type}[${String(dims).replaceAll(',', ', ')}]`),
  );
}

/**
 * Reads and removes the profile that was written under `prefix` (the runtime adds the time to it). Empty when there is none: a disk that is
 * full costs the knowledge of kernels, not the stage.
 */
export async function takeProfile<K extends Kernel>(prefix: string, read: (json: string) => K[]): Promise<K[]> {
  const folder = dirname(prefix);
  const files = (await readdir(folder)).filter((name) => name.startsWith(basename(prefix)));
  let kernels: K[] = [];
  for (const name of files) {
    const path = join(folder, name);
    try {
      kernels = read(await readFile(path, 'utf8'));
    } catch {
      // Cut off in the middle: see above.
    }
    await rm(path, { force: true });
  }
  return kernels;
}
