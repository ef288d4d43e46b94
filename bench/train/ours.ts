/**
 * Our side of the comparison, a process of its own: it answers each line on its standard input with one line of JSON.
 *
 *     {"steps": 10}  ─▶ {"losses": […], "ms": […]}          {"forward": 10} ─▶ {"ms": […]}          {"memory": true} ─▶ {"peakMiB": …}
 *
 *     node bench/train/ours.ts FOLDER
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { elementCount } from '../../mesh/tensor.ts';
import type { Task } from './task.ts';

const folder = process.argv[2]!;
const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')) as Task;
const { batch, rate } = task.setting;

const load = (name: string) =>
  InferenceSession.create(join(folder, name, 'model.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // As the product trains.
    enableMemPattern: name !== 'step',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });

const startMs = performance.now();
const step = await load('step');
const createMs = performance.now() - startMs;
const forward = await load('forward');

const raw = (name: string) => new Uint8Array(readFileSync(join(folder, name))).buffer;
const [weights, examples, labels] = [raw('weights.bin'), raw('examples.bin'), raw('labels.bin')];
const kept: Record<string, Tensor> = {};
for (const { name, dims, offset, bytes } of task.weights) {
  if (task.parameters.includes(name) || task.statistics.includes(name)) {
    kept[name] = new Tensor('float32', new Float32Array(weights.slice(offset, offset + bytes)), dims);
  }
}
for (const { name, dims } of task.states) kept[name] = new Tensor('float32', new Float32Array(elementCount(dims)), dims);

let count = 0;

function batchOf(number: number): Record<string, Tensor> {
  const [at, size] = [number % task.batches, elementCount(task.input.dims)];
  const given: Readonly<Record<string, Tensor>> = {
    [task.input.name]: new Tensor('float32', new Float32Array(examples, at * size * 4, size), task.input.dims),
    labels: new Tensor('int64', new BigInt64Array(labels, at * batch * 8, batch), [batch]),
    'learning-rate': new Tensor('float32', Float32Array.of(rate), []),
    step: new Tensor('float32', Float32Array.of(number + 1), []),
  };
  return Object.fromEntries(task.inputs.map((name) => [name, given[name]!]));
}

async function steps(howMany: number): Promise<object> {
  const [losses, ms]: [number[], number[]] = [[], []];
  for (let i = 0; i < howMany; i += 1) {
    const start = performance.now();
    const made = await step.run({ ...batchOf(count), ...kept });
    for (const name of Object.keys(kept)) {
      // What was read is freed at once, not when a collector finds it.
      const { buffer } = kept[name]!.data as Float32Array<ArrayBuffer>;
      structuredClone(buffer, { transfer: [buffer] });
      kept[name] = made[`new/${name}`]!;
    }
    ms.push(performance.now() - start);
    losses.push((made.loss!.data as Float32Array)[0]!);
    count += 1;
  }
  return { losses, ms };
}

async function passes(howMany: number): Promise<object> {
  const ms: number[] = [];
  const feeds = { [task.input.name]: batchOf(0)[task.input.name]! };
  for (let i = 0; i < howMany; i += 1) {
    const start = performance.now();
    await forward.run(feeds);
    ms.push(performance.now() - start);
  }
  return { ms };
}

console.log(JSON.stringify({ createMs }));
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as { readonly steps?: number; readonly forward?: number };
  if (asked.steps !== undefined) console.log(JSON.stringify(await steps(asked.steps)));
  else if (asked.forward !== undefined) console.log(JSON.stringify(await passes(asked.forward)));
  else console.log(JSON.stringify({ peakMiB: Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024 }));
}
