/** A forward graph computes what the model computes, for a batch, on tensors that are given to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { forward } from '../../../partition/gradient/forward.ts';
import { trainingStep } from '../../../partition/gradient/training-step.ts';
import { buildGraph } from '../../../partition/graph.ts';
import type { Model } from '../../../partition/model.ts';
import { tensorData } from '../../../partition/tensor-values.ts';
import { streamWritten, writeModel } from '../../../partition/write-model.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { type PlainTensor, Runtime } from '../support/runtime.ts';

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const BATCH = 3;

function kept(model: Model, output: string): string[] {
  const step = trainingStep(model, { batch: BATCH, losses: [{ kind: 'cross-entropy', scores: output }], optimizer: { kind: 'sgd' } });
  return [...step.parameters, ...step.statistics].map(({ name }) => name);
}

for (const [name, output] of [
  ['cnn1d', 'fc3'],
  ['sae1d', 'logits'],
] as const) {
  test(`${name}: the scores of a batch are those of each example alone`, async (t) => {
    const model = zooModel(name).build(1);
    const end = model.proto.graph!.output.find((each) => each.name === output)?.name ?? model.proto.graph!.output[0]!.name;
    const made = forward(model, BATCH, end, kept(model, end));
    const folder = await tempFolder(t);
    const [whole, batched] = [join(folder, 'whole.onnx'), join(folder, 'batched.onnx')];
    await writeFile(whole, streamWritten(writeModel(model)));
    await writeFile(batched, streamWritten(writeModel(made.model)));
    const { constants } = buildGraph(model);
    const graph = buildGraph(made.model);
    t.deepEqual([graph.outputs, graph.inputs.includes('input')], [[made.output], true]);
    t.is(made.model.proto.graph!.initializer.filter(({ dims }) => dims.length > 1).length, 0, 'weights are inputs');
    const windows = Float32Array.from({ length: BATCH * 1024 }, (_, index) => Math.sin(index * index));
    const given = graph.inputs
      .filter((each) => each !== 'input')
      .map((each): [string, PlainTensor] => {
        const proto = constants.get(each)!;
        const data = new Uint8Array(tensorData(proto, model.payloads.get(proto))!).buffer;
        return [each, { dtype: 'float32', dims: proto.dims.map(Number), data }];
      });
    const input = ({ buffer }: Float32Array<ArrayBuffer>, count: number): PlainTensor => ({
      dtype: 'float32',
      dims: [count, 1, 1024],
      data: buffer,
    });
    const together = await runtime.run(batched, { input: input(windows, BATCH), ...Object.fromEntries(given) }, [made.output]);
    for (let example = 0; example < BATCH; example += 1) {
      const own = windows.slice(example * 1024, (example + 1) * 1024);
      const alone = (await runtime.run(whole, { input: input(own, 1) }, [end]))[end]!;
      const scores = new Float32Array(together[made.output]!.data);
      for (const [index, value] of new Float32Array(alone.data).entries())
        t.true(Math.abs(value - scores[example * 10 + index]!) < 1e-3 * (1 + Math.abs(value)));
    }
  });
}
