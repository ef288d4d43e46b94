import test from 'ava';
import { encodeTensorFile } from '../../../mesh/safetensors.ts';
import type { Tensor } from '../../../mesh/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint, type Progress } from '../../../mesh/training/checkpoint.ts';

const tensors = new Map<string, Tensor>([['w', { dtype: 'float32', dims: [2], data: new Uint8Array(8).fill(7) }]]);
const progress: Progress = {
  ...{ stage: 1, epoch: 3, steps: 36, bestEpoch: 0, fingerprint: 'f' },
  epochs: [
    {
      ...{ stage: 'classify', epoch: 1, learningRate: 0.1, batchesMs: 1, stepsMs: 2, validateMs: 3, steps: 12 },
      train: { loss: 0.5, accuracy: 0.25 },
      validation: { loss: 0.75 },
    },
  ],
};
const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
const withSaid = (said: string | undefined): Uint8Array<ArrayBuffer> =>
  joined(encodeTensorFile({ tensors, metadata: said === undefined ? {} : { splitmesh: said } }));

test('what was kept is there again', (t) => {
  const found = decodeCheckpoint(joined(encodeCheckpoint({ tensors, progress })), 'last');
  t.deepEqual(found.progress, progress);
  t.deepEqual([...found.tensors.get('w')!.data], [...tensors.get('w')!.data]);
});

for (const [what, said, code, message] of [
  ['a file of tensors of somebody else', undefined, 'invalid', /no checkpoint of splitmesh/],
  ['one of a newer release', '{"version":2}', 'conflict', /version 2/],
  ['one that does not say how far it is', '{"version":1,"stage":0}', 'invalid', /damaged/],
  ['one that is before its beginning', '{"version":1,"stage":0,"epoch":-1,"steps":0,"epochs":[]}', 'invalid', /damaged/],
] as const) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => decodeCheckpoint(withSaid(said), 'last.safetensors'), { code, message });
  });
}
