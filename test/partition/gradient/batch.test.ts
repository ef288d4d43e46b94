/** The same model for more examples: what it makes of several at a time is what it makes of each alone. */
import test from 'ava';
import { withBatch } from '../../../partition/gradient/batch.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { readModel } from '../../../partition/read-model.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { int64s, modelBytes, node, tensor } from '../support/build.ts';
import { Runtime } from '../support/runtime.ts';
import { carrierOf } from './support/carry-out.ts';
import { normal } from './support/numbers.ts';

for (const name of ['bilstm1d', 'ae1d']) {
  test(`${name} makes of three windows what it makes of each`, async (t) => {
    await using runtime = new Runtime();
    const carrier = { runtime, folder: await tempFolder(t) };
    const model = zooModel(name).build(1);
    const outputs = model.proto.graph!.output.map((output) => output.name);
    const x = normal([3, 1, 1024], 1);
    const together = await (await carrierOf(carrier, withBatch(buildGraph(model), 3)))({ input: x }, outputs);
    const one = await carrierOf(carrier, model);
    for (const index of [0, 1, 2]) {
      const alone = await one({ input: { dims: [1, 1, 1024], data: x.data.slice(index * 1024, (index + 1) * 1024) } }, outputs);
      for (const output of outputs) {
        const size = alone[output]!.data.length;
        t.deepEqual(together[output]!.dims, alone[output]!.dims.with(0, 3));
        const apart = alone[output]!.data.map((value, at) => Math.abs(value - together[output]!.data[index * size + at]!));
        t.true(Math.max(...apart) < 1e-4);
      }
    }
  });
}

test('a model that mixes its examples with something else is refused', (t) => {
  const model = readModel(
    modelBytes({
      nodes: [node('Reshape', ['x', 'shape'], ['y'], { name: 'mix' })],
      inputs: [tensor('x', [1, 6])],
      outputs: [tensor('y', [6])],
      initializers: [int64s('shape', [6])],
    }),
    'test',
  );
  t.throws(() => withBatch(buildGraph(model), 2), {
    code: 'unsupported',
    message: 'test can\'t be given a batch: node "mix" (Reshape) mixes the examples with another axis',
  });
});
