import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { dtypes, elementCount } from '../../../mesh/tensor.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { splitParallel } from '../../../partition/parallel/split-parallel.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { checkParallel } from '../support/check-parallel.ts';
import { Runtime } from '../support/runtime.ts';

const layered = listLayers(buildGraph(zooModel('alexnet-mobihoc2022').build(1)));
const { split } = splitParallel(layered, { kind: 'mobihoc2022' });
const isPiece = (id: string): boolean => /^layer\d+-piece[123]$/.test(id);

/** Bytes of each edge, from and to by name. */
function edges(): ReadonlyMap<string, number> {
  const specs = new Map(split.stages.flatMap(({ outputs }) => outputs.map((spec) => [spec.name, spec] as const)));
  return new Map(
    split.routes.map(({ from, to, tensors }) => [
      `${from} ${to}`,
      tensors.reduce((sum, name) => {
        const spec = specs.get(name);
        return sum + (spec === undefined ? 0 : elementCount(spec.dims) * dtypes[spec.dtype].bytes);
      }, 0),
    ]),
  );
}

test('AlexNet becomes 33 pieces, between what cuts the picture and what adds up the last summands', (t) => {
  t.is(split.stages.filter(({ id }) => isPiece(id)).length, 33);
  t.deepEqual(
    split.stages.filter(({ id }) => !isPiece(id)).map(({ id }) => id),
    ['before', 'rest'],
  );
});

const published = new URL('../../../../shared/instances/y03-seed-piecewise-n1d3.json', import.meta.url);
const whenThere = existsSync(published) ? test : test.skip;
whenThere('the bytes between pieces are those of the published graph', (t) => {
  const instance = JSON.parse(readFileSync(published, 'utf8')) as {
    readonly taskNames: readonly string[];
    readonly edges: readonly (readonly [number, number, number])[];
  };
  // Task 0 is the picture; the others are three for each layer, in order.
  const nameOf = (task: number): string => `layer${Math.ceil(task / 3)}-piece${((task - 1) % 3) + 1}`;
  t.is(instance.taskNames.length, 34);
  const expected = new Map(
    instance.edges.filter(([from]) => from !== 0).map(([from, to, bytes]) => [`${nameOf(from)} ${nameOf(to)}`, bytes]),
  );
  const actual = new Map([...edges()].filter(([edge]) => edge.split(' ').every(isPiece)));
  t.deepEqual(Object.fromEntries([...actual].sort()), Object.fromEntries([...expected].sort()));
});

test('each first piece is sent the rows of the picture that its windows reach, as bytes', (t) => {
  // 18, 18 and 20 rows of windows 11 high, 4 apart, padded by 3 before and 4 behind. The published edges agree but for the first, which
  // is two rows shorter than its windows reach.
  const rows = [17 * 4 + 11 - 3, 17 * 4 + 11, 19 * 4 + 11 - 4];
  t.deepEqual(
    rows.map((_, piece) => edges().get(`before layer1-piece${piece + 1}`)),
    rows.map((count) => count * 3 * 224),
  );
});

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());
test.serial('the pieces compute what the model computes, also of the other AlexNet', async (t) => {
  const folder = await tempFolder(t);
  await checkParallel(runtime, folder, layered, { kind: 'mobihoc2022' });
  await checkParallel(runtime, folder, listLayers(buildGraph(zooModel('alexnet').build(1))), { kind: 'mobihoc2022' });
  t.pass();
});

test('a network with layers of other kinds is refused by the name of the layer', (t) => {
  const vit = listLayers(buildGraph(zooModel('vit-tiny').build(1)));
  const error = t.throws(() => splitParallel(vit, { kind: 'mobihoc2022' })) as Error;
  t.regex(error.message, /can't be divided as in mobihoc2022/);
});
