/**
 * Static inference says nothing that the runtime contradicts: each case is run, and element type and every known dimension must be what
 * came out. The cases also say how much must be known, so that a rule that goes silent is noticed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type DType, dtypes } from '../../../mesh/tensor.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { build, modelBytes, node, tensor, untyped } from '../support/build.ts';
import { sampleInputs } from '../support/run-split.ts';
import { Runtime } from '../support/runtime.ts';
import { cases, x4 } from './cases.ts';

for (const [title, each] of Object.entries(cases)) {
  test.serial(`the shape of ${title} is what the runtime makes`, async (t) => {
    const { nodes, x = x4, inputs = [tensor('x', x)], initializers = [], opset = 17 } = each;
    const more = {
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        { domain: 'com.microsoft', version: 1n },
      ],
    };
    const parts = { nodes, inputs, initializers, outputs: [untyped('y')], opset, more };
    const { facts } = build(parts);
    const inferred = facts.get('y')!;
    t.deepEqual(inferred.dims, each.dims);

    const path = join(await tempFolder(t), 'model.onnx');
    await writeFile(path, modelBytes(parts));
    const specs = inputs.map(({ name }) => ({
      name,
      dtype: name === 'c' ? ('bool' as const) : ('float32' as const),
      dims: facts.get(name)!.dims!,
    }));
    const { y } = await runtime.run(path, sampleInputs(specs), ['y']);
    t.is(inferred.dtype, dtypes[y!.dtype as DType].code);
    t.true(y!.dims.length === each.dims.length && each.dims.every((dim, axis) => dim === -1 || dim === y!.dims[axis]), `[${y!.dims}]`);
  });
}

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

test('an open batch dimension stays open, and is what the option says', (t) => {
  const parts = { nodes: [node('Flatten', ['x'], ['y'])], inputs: [tensor('x', ['N', 3, 4])], outputs: [untyped('y')] };
  t.deepEqual(build(parts).facts.get('y')!.dims, [-1, 12]);
  t.deepEqual(build(parts, { batch: 1 }).facts.get('y')!.dims, [1, 12]);
});

test('what the file says fills what no rule knows, and never overrules one', (t) => {
  const parts = {
    nodes: [
      node('Mystery', ['x'], ['a'], { domain: 'nobody' }),
      node('Relu', ['a'], ['b']),
      node('Relu', ['x'], ['c']),
      node('Concat', ['b', 'c'], ['y'], { axis: 0 }),
    ],
    inputs: [tensor('x', [2, 3])],
    outputs: [tensor('y', [null, 3])],
    valueInfo: [tensor('a', [5, null]), tensor('c', [9, 3])],
  };
  const { facts } = build(parts);
  t.deepEqual(facts.get('a')!.dims, [5, -1]);
  t.deepEqual(facts.get('b')!.dims, [5, -1]);
  t.deepEqual(facts.get('c')!.dims, [-1, 3], 'two contradicting sizes: neither');
});

test('a function of the model is walked through, with its attributes', (t) => {
  const body = node('Concat', ['a', 'a'], ['b']);
  body.attribute = [{ ...node('Concat', [], ['b'], { axis: 0 }).attribute[0]!, i: undefined, refAttrName: 'where' }];
  const functions = [
    {
      name: 'Twice',
      domain: 'mine',
      input: ['a'],
      output: ['b'],
      attribute: ['where'],
      node: [body],
      opsetImport: [],
      attributeProto: [],
      valueInfo: [],
      metadataProps: [],
    },
  ];
  const { facts } = build({
    nodes: [node('Twice', ['x'], ['y'], { domain: 'mine', where: 1 })],
    inputs: [tensor('x', [2, 3])],
    outputs: [untyped('y')],
    more: { functions },
  });
  t.deepEqual(facts.get('y')!.dims, [2, 6]);
  t.is(facts.get('y')!.dtype, 1);
});

test('functions that call each other many times end', (t) => {
  const functions = Array.from({ length: 31 }, (_, level) => ({
    name: `F${level}`,
    domain: 'mine',
    input: ['a'],
    output: ['c'],
    attribute: [],
    node: ['b', 'c'].map((out) => node(level === 0 ? 'Relu' : `F${level - 1}`, ['a'], [out], level === 0 ? {} : { domain: 'mine' })),
    opsetImport: [],
    attributeProto: [],
    valueInfo: [],
    metadataProps: [],
  }));
  const parts = {
    nodes: [node('F30', ['x'], ['y'], { domain: 'mine' })],
    inputs: [tensor('x', [2])],
    outputs: [untyped('y')],
    more: { functions },
  };
  t.notThrows(() => build(parts));
});
