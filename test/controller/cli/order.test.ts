import test from 'ava';
import fc from 'fast-check';
import { optionsOfOrder, orderOfOptions } from '../../../controller/cli/order.ts';
import { parseRunOptions } from '../../../controller/cli/run-options.ts';
import { decodeRunOrder, encodeRunOrder, runOrderToWire } from '../../../mesh/wire-run.ts';
import { RunOrder as WireOrder } from '../../../proto/gen/mesh/v1/runs.ts';

const where = { mesh: 'lab', insecure: false };
const ordered = {
  run: 'r',
  model: 'lenet',
  modelFile: undefined,
  cuts: 'layer2,layer4',
  plan: undefined,
  input: undefined,
  output: undefined,
};

/** What the run's process makes of a command line. */
function roundTrip(argv: readonly string[], changes: Partial<typeof ordered> = {}) {
  const order = orderOfOptions(parseRunOptions(argv), { ...ordered, ...changes });
  return optionsOfOrder(decodeRunOrder(encodeRunOrder(order)), '/folder', where);
}

const base = ['--split', 'lenet@layer2,layer4'];

for (const [what, argv] of [
  ['nothing but a model', []],
  [
    'devices, numbers and a pace',
    [
      '--on',
      'pa,pb',
      '--spares',
      '1',
      '--frames',
      '9',
      '--seed',
      '7',
      '--rate',
      '2.5',
      '--window',
      '4',
      '--threads',
      '2',
      '--weight',
      '50',
    ],
  ],
  ['a codec and an objective', ['--codec', 'lz4', '--objective', 'latency', '--verify', 'all']],
  ['a budget', ['--error-budget', 'top1>=99.5%, max-abs<=0.01', '--shadow-every', '30', '--verify', 'off']],
] as const) {
  test(`an order says what the person said: ${what}`, (t) => {
    const { mesh: _, detach: __, ...said } = parseRunOptions([...base, ...argv, '--detach']);
    const { mesh, detach, ...found } = roundTrip([...base, ...argv, '--detach']);
    t.deepEqual(found, said);
    t.is(mesh, 'lab');
    t.false(detach);
  });
}

test('whatever a text in an order is, it is the value of its option and becomes no other', (t) => {
  const texts = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.constantFrom('--json', '-h', '--report=/tmp/x', "'; rm -rf /; '", '$(id)', '\n--json'),
  );
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(!text.includes('\0'));
      const found = roundTrip(base, { cuts: text });
      const plain = roundTrip(base);
      t.deepEqual({ ...found, split: '' }, { ...plain, split: '' });
      t.is(found.split, `lenet@${text}`);
    }),
  );
});

test('orders that can not be are refused', (t) => {
  const good = runOrderToWire(orderOfOptions(parseRunOptions(base), ordered));
  const refused = (changes: Partial<WireOrder>) => () => decodeRunOrder(WireOrder.encode({ ...good, ...changes }).finish());
  t.throws(refused({ version: 9 }), { message: /version 9/ });
  t.throws(refused({ run: '../../etc' }), { message: /not a run name/ });
  t.throws(refused({ on: ['pa,pb'] }), { message: /not a device name/ });
  t.throws(refused({ output: '/etc/passwd' }), { message: /ends in \.npy/ });
  t.throws(refused({ cuts: 'x'.repeat(5000) }), { message: /5000 characters/ });
  t.throws(refused({ input: 'a\0b' }), { message: /NUL/ });
  t.throws(() => decodeRunOrder(Buffer.from([255, 255, 255])), { message: /no run order/ });
});

test('what belongs to detached runs is refused for others, and the other way round', (t) => {
  for (const argv of [
    ['--at', 'pa'],
    ['--keep', '5'],
    ['--detach', '--report', 'x'],
    ['--detach', '--listen', 'h:1'],
    ['--detach', '--keep', '5'],
  ]) {
    t.throws(() => parseRunOptions([...base, ...argv]), { name: 'MeshError' }, argv.join(' '));
  }
  t.is(parseRunOptions([...base, '--detach', '--output', 'stream', '--keep', '5']).keep, 5);
});
