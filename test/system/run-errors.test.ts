import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import test from 'ava';
import { NpyWriter } from '../../controller/run/npy-writer.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { isRoot, needs } from '../helpers/privileges.ts';
import { runProcess } from '../helpers/processes.ts';
import { controllerProgram } from '../helpers/repository.ts';
import { writeModelFile } from './run-models.ts';

interface Wrong {
  readonly title: string;
  readonly args: (mesh: Mesh) => Promise<string[]> | string[];
  readonly code: number;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

async function npy(mesh: Mesh, name: string, entry: Tensor): Promise<string> {
  const path = join(mesh.folder, name);
  await using writer = await NpyWriter.create(path);
  await writer.append(entry);
  await writer.append(entry);
  return path;
}

const zeros = (dtype: Tensor['dtype'], dims: number[], bytes: number): Tensor => ({ dtype, dims, data: new Uint8Array(bytes) });
const chain = (mesh: Mesh): Promise<string> => writeModelFile(mesh.folder, 'chain');
const split = async (mesh: Mesh, cut: string, ...more: string[]) => ['run', '--split', `${await chain(mesh)}${cut}`, ...more];

const cases: readonly Wrong[] = [
  {
    title: 'a report where no folder can be made',
    args: (mesh) => split(mesh, '@layer1', '--report', '/proc/nowhere'),
    code: 2,
    message: /the report can't be written to \/proc\/nowhere/,
    hint: /give --report a folder/,
  },
  { title: 'no command', args: () => [], code: 2, message: /^controller: runs deep neural networks/ },
  {
    title: 'an unknown command',
    args: () => ['rnu'],
    code: 2,
    message: /there is no command "rnu"/,
    hint: /did you mean controller run\?/,
  },
  { title: 'an unknown option', args: () => ['run', '--splt', 'x'], code: 2, message: /no option --splt/, hint: /did you mean --split\?/ },
  { title: 'no --split', args: () => ['run'], code: 2, message: /--split is missing/, hint: /resnet@layer12/ },
  { title: 'an unknown model', args: () => ['run', '--split', 'resnett@layer1'], code: 2, message: /no model "resnett"/, hint: /resnet/ },
  { title: 'a model file that is not there', args: () => ['run', '--split', './none.onnx'], code: 2, message: /none\.onnx/ },
  {
    title: 'a model file that is none',
    args: async (mesh) => {
      const path = join(mesh.folder, 'bad.onnx');
      await writeFile(path, 'this is no model');
      return ['run', '--split', path];
    },
    code: 2,
    message: /bad\.onnx is not an ONNX model|bad\.onnx is cut off/,
  },
  { title: 'a layer out of range', args: (mesh) => split(mesh, '@layer99'), code: 2, message: /no layer 99: .* has 3 layers/ },
  {
    title: 'a cut that leaves an empty stage',
    args: (mesh) => split(mesh, '@layer3'),
    code: 2,
    message: /stage after cut "layer3" has no layers/,
  },
  { title: 'the same cut twice', args: (mesh) => split(mesh, '@layer1,layer1'), code: 2, message: /has no layers: it is the same cut/ },
  {
    title: 'a cut at no node',
    args: (mesh) => split(mesh, '@nonsense'),
    code: 2,
    message: /cut "nonsense" names no layer, node or tensor/,
  },
  {
    title: 'bad numbers',
    args: (mesh) => split(mesh, '@layer1', '--frames', 'many'),
    code: 2,
    message: /--frames: "many" is not a whole number/,
  },
  {
    title: 'more devices than stages',
    args: (mesh) => split(mesh, '@layer1', '--on', 'a,b,c'),
    code: 2,
    message: /--on names 3 devices for 2 stages/,
  },
  {
    title: 'a device that a private mesh can not have',
    args: (mesh) => split(mesh, '@layer1', '--on', 'pi1,pi2'),
    code: 2,
    message: /pi1, pi2 can't be in a private mesh/,
    hint: /--nats/,
  },
  {
    title: 'an input of the wrong shape',
    args: async (mesh) => split(mesh, '@layer1', '--input', await npy(mesh, 'shape.npy', zeros('float32', [5, 4], 80))),
    code: 2,
    message: /shape\.npy holds float32\[2, 5, 4\]; the model's input "x" takes float32\[1, 4, 4\] per frame/,
    hint: /float32\[N, 1, 4, 4\]/,
  },
  {
    title: 'an input of the wrong type',
    args: async (mesh) => split(mesh, '@layer1', '--input', await npy(mesh, 'type.npy', zeros('float64', [4, 4], 128))),
    code: 2,
    message: /type\.npy holds float64\[2, 4, 4\]/,
    hint: /astype\('float32'\)/,
  },
  {
    title: 'an input that is not there',
    args: (mesh) => split(mesh, '@layer1', '--input', './none.npy'),
    code: 2,
    message: /none\.npy: there is no such file/,
  },
  {
    title: 'pictures for a model that takes none',
    args: async (mesh) => {
      const folder = join(mesh.folder, 'pictures');
      await mkdir(folder);
      await writeFile(join(folder, 'a.png'), '');
      return split(mesh, '@layer1', '--input', folder);
    },
    code: 2,
    message: /pictures can't feed the model's input "x"/,
  },
  {
    title: 'a picture that is none, on a mesh that is not there',
    args: async (mesh) => {
      const path = join(mesh.folder, 'a.png');
      await writeFile(path, 'this is no picture');
      return ['run', '--split', await writeModelFile(mesh.folder, 'picture'), '--input', path, '--nats', 'nats://127.0.0.1:1'];
    },
    code: 2,
    message: /--input: \/\S+\/a\.png can't be read as a picture/,
    hint: /expected PNG or JPEG/,
  },
  {
    title: 'an output that is no .npy file',
    args: (mesh) => split(mesh, '@layer1', '--output', 'x.txt'),
    code: 2,
    message: /x\.txt does not end in \.npy/,
  },
  {
    title: 'an output that can not be written',
    args: (mesh) => split(mesh, '@layer1', '--output', '/nonexistent/x.npy'),
    code: 2,
    message: /\/nonexistent\/x\.npy can't be written: there is no folder \/nonexistent/,
    hint: /mkdir -p \/nonexistent/,
  },
  {
    title: 'an output that would replace the input',
    args: async (mesh) => {
      const input = await npy(mesh, 'frames.npy', zeros('float32', [4, 4], 64));
      return split(mesh, '@layer1', '--input', input, '--output', join(mesh.folder, '..', basename(mesh.folder), 'frames.npy'));
    },
    code: 2,
    message: /frames\.npy is also read as --input/,
    hint: /another file/,
  },
  {
    title: 'a NATS server that does not answer',
    args: (mesh) => split(mesh, '@layer1', '--nats', 'nats://127.0.0.1:1'),
    code: 1,
    message: /NATS server at 127\.0\.0\.1:1 does not answer/,
    hint: /--nats/,
  },
  {
    title: 'a NATS server on a host that is not there',
    args: (mesh) => split(mesh, '@layer1', '--nats', 'nats://no-such-host.invalid'),
    code: 1,
    message: /NATS server at no-such-host\.invalid:4222 does not answer: no host "no-such-host\.invalid" is known/,
    hint: /--nats nats:\/\//,
  },
  {
    title: 'a URL that is none, before the model is looked at',
    args: () => ['run', '--split', './none.onnx', '--nats', 'http://x'],
    code: 2,
    message: /--nats: "http:\/\/x" is not the URL of a NATS server/,
    hint: /for example nats:\/\//,
  },
  {
    title: 'a URL that is none, where devices are listed',
    args: () => ['devices', '--nats', 'foo bar'],
    code: 2,
    message: /--nats: "foo bar" is not the URL/,
    hint: /for example nats:\/\//,
  },
  { title: 'devices without a mesh', args: () => ['devices'], code: 2, message: /no mesh is configured/, hint: /--nats/ },
  { title: 'layers of nothing', args: () => ['layers'], code: 2, message: /the model is missing/ },
  { title: 'a run that is not stored', args: () => ['show', 'nosuch'], code: 1, message: /no run "nosuch"/, hint: /controller runs/ },
];

for (const { title, args, code, message, hint } of cases) {
  test.serial(`a mistake is named, with what was expected, and has its exit code: ${title}`, async (t) => {
    const mesh = await startMesh(t, { nats: false });
    const found = await mesh.runController(await args(mesh));
    t.is(found.code, code, found.stderr);
    t.is(found.stdout, '');
    t.regex(found.stderr, message);
    if (hint !== undefined) t.regex(found.stderr, new RegExp(`^controller: hint: .*(${hint.source})`, 'm'));
    t.notRegex(found.stderr, /\n {4}at /, 'a person gets no stack trace');
  });
}

needs(test.serial, isRoot ? undefined : 'needs root')('a machine without nats-server is told how to install it', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  // In a mount namespace of its own, where nats-server is no program.
  const hide =
    'for f in /usr/sbin/nats-server /usr/local/sbin/nats-server $(command -v nats-server); do [ -e "$f" ] && mount --bind /dev/null "$f"; done';
  const command = ['unshare', '--mount', 'sh', '-c', `${hide}; exec "$@"`, 'sh', process.execPath, controllerProgram];
  const env = { HOME: mesh.folder, XDG_DATA_HOME: undefined, XDG_CACHE_HOME: undefined, NATS_URL: undefined };
  const { code, stdout, stderr } = await runProcess(t, [...command, 'run', '--split', await chain(mesh)], { env });
  t.is(stdout, '');
  t.is(code, 1);
  t.regex(stderr, /controller: error: there is no nats-server on this machine/);
  t.regex(stderr, /controller: hint: apt install nats-server/);
});

test.serial('a device that does not answer is named, and those that do', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }] });
  const { code, stderr } = await mesh.runController(await split(mesh, '@layer1', '--on', 'pi1,pi7'));
  t.is(code, 1);
  t.regex(stderr, /controller: error: pi7 can't be reached/);
  t.regex(stderr, /controller: hint: devices that answer: pi1/);
});

test.serial('too few devices for the stages are said', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }] });
  const { code, stderr } = await mesh.runController(await split(mesh, '@layer1'));
  t.is(code, 2);
  t.regex(stderr, /2 stages need a device each, and 1 device is free/);
  t.regex(stderr, /hint: .*--on/);
});

test.serial('a port that is in use is named', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }] });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await mesh.runController(await split(mesh, '', '--listen', `127.0.0.1:${port}`));
  t.is(code, 1);
  t.regex(stderr, new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}: the port is in use`));
});

test.serial('listening beyond loopback needs permission', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }] });
  const { code, stderr } = await mesh.runController(await split(mesh, '', '--listen', '0.0.0.0:0'));
  t.is(code, 1);
  t.regex(stderr, /refusing to listen on 0\.0\.0\.0:0/);
  t.regex(stderr, /--insecure/);
});
