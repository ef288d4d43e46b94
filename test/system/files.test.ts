import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type ByteSource, memorySource } from '../../mesh/files/byte-source.ts';
import { putFile } from '../../mesh/files/put-file.ts';
import { blobFor, filesBelow, noise } from '../agent/files/harness.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { startRelay } from '../helpers/relay.ts';
import { waitUntil } from '../helpers/wait-until.ts';

test.serial('files go to a device that is called by its name, are listed there, and come back', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }] });
  const content = noise(3_000_000);
  const path = join(mesh.folder, 'model.onnx');
  await writeFile(path, content);

  const pushed = await mesh.runController(['push', 'a', path, '--as', 'models/m.onnx']);
  t.like(pushed, { code: 0, stderr: '' });
  t.regex(pushed.stdout, /^models\/m\.onnx: 2\.86 MiB fetched to a in /);
  const again = await mesh.runController(['push', 'a', path]);
  t.regex(again.stdout, /^model\.onnx: was on a already/);

  const listed = await mesh.runController(['ls', 'a', 'models', '--json']);
  t.like((listed.json() as object[])[0], { name: 'models/m.onnx', bytes: 3_000_000 });
  t.regex((await mesh.runController(['ls', 'a'])).stdout, /^NAME.*\nmodel\.onnx +2\.86 MiB .*\nmodels\/m\.onnx +2\.86 MiB/);

  const folder = join(mesh.folder, 'out');
  await mkdir(folder);
  t.like(await mesh.runController(['pull', 'a', 'models/m.onnx', '--output', folder]), { code: 0, stderr: '' });
  t.deepEqual(await readFile(join(folder, 'm.onnx')), content);
  t.deepEqual(await filesBelow(folder), ['m.onnx']);
});

test.serial('a pull that is interrupted is continued by the next', async (t) => {
  const mesh = await startMesh(t, { nats: false, agents: [{ name: 'a' }] });
  const { address } = mesh.agent('a');
  const content = noise(24 * 1024 * 1024);
  const path = join(mesh.folder, 'big');
  await writeFile(path, content);
  t.like(await mesh.runController(['push', address, path]), { code: 0 });

  const folder = join(mesh.folder, 'out');
  await mkdir(folder);
  const relay = await startRelay(t, address, { bytesPerSecond: 8 * 1024 * 1024 });
  const controller = mesh.startController(['pull', relay.address, 'big', '--output', join(folder, 'copy')]);
  const part = await waitUntil('some of the file is here', async () => {
    const [name] = await filesBelow(folder);
    return name !== undefined && (await readFile(join(folder, name))).byteLength > 0 ? name : undefined;
  });
  t.regex(part, /^copy\.[0-9a-f]{12}\.part$/);
  controller.signal('SIGINT');
  t.like(await controller.exit, { code: 1 });
  t.deepEqual(await filesBelow(folder), [part]);
  const kept = await readFile(join(folder, part));
  t.true(kept.byteLength > 0 && kept.equals(content.subarray(0, kept.byteLength)));

  t.like(await mesh.runController(['pull', address, 'big', '--output', join(folder, 'copy')]), { code: 0, stderr: '' });
  t.deepEqual(await filesBelow(folder), ['copy']);
  t.true((await readFile(join(folder, 'copy'))).equals(content));
});

test.serial('an agent that is killed during an upload shows no half file, and continues after its restart', async (t) => {
  const mesh = await startMesh(t, { nats: false, agents: [{ name: 'a' }] });
  const agent = mesh.agent('a');
  const content = noise(8 * 1024 * 1024);
  const blob = blobFor(content);
  const path = join(mesh.folder, 'big');
  await writeFile(path, content);
  const whole = memorySource(content);
  const killed = Promise.withResolvers<never>();
  const source: ByteSource = {
    ...whole,
    read: (offset, length, lent) => (offset < content.byteLength / 2 ? whole.read(offset, length, lent) : killed.promise),
  };
  const put = putFile(agent.address, blob, source, { name: 'big' });
  await waitUntil('half of the file is on the device', async () => {
    const [name] = (await filesBelow(agent.dataFolder)).filter((file) => file.startsWith('partial/'));
    return name !== undefined && (await stat(join(agent.dataFolder, name))).size === content.byteLength / 2;
  });
  await agent.process.kill();
  killed.reject(new Error('nobody reads any more'));
  await t.throwsAsync(put, { message: /can't be reached/ });
  t.deepEqual(
    (await filesBelow(agent.dataFolder)).filter((file) => /^(blobs|names)\//.test(file)),
    [],
  );
  await agent.restart();
  t.is((await mesh.runController(['ls', agent.address, '--blobs', '--json'])).stdout.trim(), '[]');
  t.is((await putFile(agent.address, blob, whole)).sentBytes, content.byteLength / 2);
  t.regex((await mesh.runController(['push', agent.address, path])).stdout, /^big: was on/);
  t.like(((await mesh.runController(['ls', agent.address, '--json'])).json() as object[])[0], { name: 'big', bytes: content.byteLength });
});

test.serial('what goes wrong is said, with what to do', async (t) => {
  const mesh = await startMesh(t, { nats: false, agents: [{ name: 'a' }] });
  const { address } = mesh.agent('a');
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [
      ['push', address, join(mesh.folder, 'nothing')],
      2,
      /cannot open .*nothing: it does not exist\n.*hint: give the paths of files of this machine/,
    ],
    [['push', address, mesh.folder], 2, /is a folder, not a file\n.*hint: .* name its files one by one/],
    // Of a device that is not there: what is wrong with the command line is said first.
    [['push', '127.0.0.1:1', 'package.json', join(mesh.folder, 'nothing')], 2, /cannot open .*nothing: it does not exist/],
    [['push', address], 2, /the file is missing/],
    [['push'], 2, /the device is missing/],
    [['push', address, 'x', 'y', '--as', 'z'], 2, /--as names one file/],
    [['push', address, join(mesh.folder, 'nothing'), '--as', '../../x'], 2, /is not a file name/],
    [['push', '127.0.0.1:1', 'package.json'], 1, /127\.0\.0\.1:1 can't be reached/],
    [['push', 'a', 'package.json'], 2, /no mesh is configured/],
    [['pull', address, 'nothing'], 1, /"nothing" is not on this device/],
    [['pull', address, 'package.json', '--output', '/nonexistent/x'], 2, /--output: there is no folder \/nonexistent/],
    [['pull', address, 'sha256:12'], 2, /is not sha256: and 64 hex digits/],
    [['pull', address], 2, /the name of the file is missing/],
    [['ls', address, '..'], 2, /is not a folder name/],
  ];
  t.like(await mesh.runController(['push', address, 'package.json']), { code: 0 });
  for (const [args, code, said] of cases) {
    const result = await mesh.runController(args);
    t.is(result.code, code, args.join(' '));
    t.regex(result.stderr, said);
    t.is(result.stdout, '');
  }
});
