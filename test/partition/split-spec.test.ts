import test from 'ava';
import { parseSplit } from '../../partition/split-spec.ts';

const known = new Set(['resnet', '/data/user@host/model.onnx', 'a@b.onnx']);
const exists = (model: string): boolean => known.has(model);

const cases: [string, string, string[]][] = [
  ['resnet', 'resnet', []],
  ['resnet@layer12', 'resnet', ['layer12']],
  ['resnet@layer4,layer12', 'resnet', ['layer4', 'layer12']],
  ['resnet@/stem/Conv@out', 'resnet', ['/stem/Conv@out']],
  ['/data/user@host/model.onnx@layer3', '/data/user@host/model.onnx', ['layer3']],
  ['a@b.onnx', 'a@b.onnx', []],
  ['a@b.onnx@layer1', 'a@b.onnx', ['layer1']],
  ['nosuch@layer3', 'nosuch', ['layer3']],
];
test('a cut that is missing is a usage error', (t) => {
  for (const text of ['resnet@', 'resnet@layer1,', 'resnet@,layer1']) t.throws(() => parseSplit(text, exists), { code: 'usage' });
});

for (const [text, model, cuts] of cases) {
  test(`--split ${text} means ${model} cut at [${cuts.join(' ')}]`, (t) => t.deepEqual(parseSplit(text, exists), { model, cuts }));
}
