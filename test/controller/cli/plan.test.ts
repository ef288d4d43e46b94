import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { planCommand } from '../../../controller/cli/plan.ts';
import { MeshError } from '../../../mesh/error.ts';
import { sharedCache } from '../../helpers/shared-cache.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const links = { mbitPerS: 100 };
const two = {
  devices: [
    { name: 'a', gmacPerS: 0.02 },
    { name: 'b', gmacPerS: 0.03 },
  ],
  links,
};

interface Wrong {
  readonly title: string;
  readonly devices?: unknown;
  readonly args: readonly string[];
  readonly code: 'usage' | 'exhausted' | 'failed';
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const cases: readonly Wrong[] = [
  {
    title: 'no model',
    args: ['--devices', 'FILE'],
    code: 'usage',
    message: /the model is missing/,
    hint: /controller plan MODEL, for example controller plan resnet --devices lab\.json/,
  },
  {
    title: 'a described mesh that is to be looked for, too',
    args: ['lenet', '--devices', 'FILE', '--nats', 'nats://127.0.0.1:4222'],
    code: 'usage',
    message: /--nats can't be combined with --devices/,
    hint: /those of a mesh are measured/,
  },
  {
    title: 'a file that is not there',
    args: ['lenet', '--devices', './nowhere.json'],
    code: 'usage',
    message: /--devices: \.\/nowhere\.json can't be read/,
  },
  {
    title: 'a file that is no JSON',
    devices: '{"devices": [',
    args: ['lenet', '--devices', 'FILE'],
    code: 'usage',
    message: /lab\.json is no JSON/,
  },
  {
    title: 'a slip of the finger in the file',
    devices: { devices: [{ name: 'pi', gmacsPerS: 6 }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 'usage',
    message: /lab\.json: devices\[0\] has "gmacsPerS": expected "gmacPerS"/,
    hint: /controller plan --help/,
  },
  {
    title: 'times of another model only',
    devices: { devices: [{ name: 'pi', times: { resnet18: { '1-31': 80 } } }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 'usage',
    message: /nothing says how fast pi is with lenet: there are times of resnet18/,
    hint: /add "gmacPerS"/,
  },
  {
    title: 'times of layers that the model does not have',
    devices: { devices: [{ name: 'pi', times: { lenet: { '1-8': 80 } } }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 'usage',
    message: /times of lenet on pi: layers 1-8 are out of range: the model has layers 1 to 7/,
  },
  {
    title: 'an unknown model',
    args: ['lennet', '--devices', 'FILE'],
    code: 'usage',
    message: /there is no model "lennet"/,
    hint: /did you mean lenet/,
  },
  {
    title: 'no amount of memory',
    args: ['lenet', '--devices', 'FILE', '--memory', '5XB'],
    code: 'usage',
    message: /--memory: "5XB" is not an/,
  },
  {
    title: 'no room',
    args: ['lenet', '--devices', 'FILE', '--memory', '60MiB'],
    code: 'exhausted',
    message: /no pipeline of lenet fits into the memory of its devices: a 60 MiB, b 60 MiB/,
    hint: /all weights take [\d.]+ KiB, the largest layer [\d.]+ KiB; every stage needs 64 MiB besides/,
  },
  {
    title: 'an unknown objective',
    args: ['lenet', '--devices', 'FILE', '--objective', 'speed'],
    code: 'usage',
    message: /"speed" is not one of/,
  },
  {
    title: 'an unknown strategy',
    args: ['lenet', '--devices', 'FILE', '--compare', 'odd'],
    code: 'usage',
    message: /--compare: "odd" is not one/,
  },
  { title: 'no best plan', args: ['lenet', '--devices', 'FILE', '--top', '0'], code: 'usage', message: /--top: "0" is not a whole number/ },
  {
    title: 'a negative error',
    args: ['lenet', '--devices', 'FILE', '--error-budget', '-1'],
    code: 'usage',
    message: /--error-budget/,
  },
  {
    title: 'an --out where no file can be',
    args: ['lenet', '--devices', 'FILE', '--out', '/proc/nowhere/plan.json'],
    code: 'failed',
    message: /--out: \/proc\/nowhere\/plan\.json can't be written/,
  },
];

for (const { title, devices = two, args, code, message, hint } of cases) {
  test(`refused with a reason: ${title}`, async (t) => {
    const file = join(await tempFolder(t), 'lab.json');
    await writeFile(file, typeof devices === 'string' ? devices : JSON.stringify(devices));
    const { io, written } = ioOf(new AbortController().signal);
    const argv = args.map((arg) => (arg === 'FILE' ? file : arg));
    const error = await t.throwsAsync(planCommand.run(argv, io), { instanceOf: MeshError, message });
    t.is(error?.code, code);
    if (hint !== undefined) t.regex(error!.hint!, hint);
    t.is(written(), '');
  });
}

test('a plan can be interrupted while it looks for what would help', async (t) => {
  const file = join(await tempFolder(t), 'lab.json');
  await writeFile(file, JSON.stringify(two));
  const { io, written } = ioOf(AbortSignal.abort());
  const error = await t.throwsAsync(planCommand.run(['lenet', '--devices', file], io), { instanceOf: MeshError });
  t.is(error?.code, 'cancelled');
  t.is(written(), '');
});

function ioOf(signal: AbortSignal): { readonly io: Io; readonly written: () => string } {
  let text = '';
  const add = (more: string): void => {
    text += more;
  };
  const io: Io = {
    stdout: add,
    stderr: add,
    stdin: Readable.from([]),
    terminal: false,
    columns: 80,
    tableColumns: Number.POSITIVE_INFINITY,
    env: { ...process.env, XDG_CACHE_HOME: sharedCache() },
    signal,
    now: () => 0,
    wallClock: () => 0,
  };
  return { io, written: () => text };
}
