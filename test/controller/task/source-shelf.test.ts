import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { SourceShelf } from '../../../controller/task/source-shelf.ts';
import { freePort } from '../../helpers/ports.ts';
import { isRoot, needs } from '../../helpers/privileges.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const never = new AbortController().signal;
const sha256Of = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const md5Of = (content: string) => createHash('md5').update(content).digest('hex');

async function opened(t: Scope, silenceMs = 10_000) {
  const folder = await tempFolder(t);
  const shelf = new SourceShelf(folder, { silenceMs });
  const there = async (): Promise<readonly string[]> => (await readdir(join(folder, 'sources')).catch(() => [])).toSorted();
  return { folder, shelf, there };
}

/** Until the test ends; its address. */
async function served(t: Scope, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.bin`;
}

test('a file is kept under what it is, once, and stays when the file goes', async (t) => {
  const { folder, shelf, there } = await opened(t);
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  await writeFile(a, 'content');
  await writeFile(b, 'content');
  const sha256 = sha256Of('content');
  t.false(await shelf.has(sha256));
  t.is(await shelf.keepFile(a, undefined, never), sha256);
  t.is(await shelf.keepFile(b, { algorithm: 'sha256', hex: sha256 }, never), sha256);
  t.is(await shelf.keepFile(b, { algorithm: 'md5', hex: md5Of('content') }, never), sha256);
  await rm(a);
  await rm(b);
  t.deepEqual(await there(), [sha256]);
  t.true(await shelf.has(sha256));
  t.is(await readFile(shelf.pathOf(sha256), 'utf8'), 'content');
  t.is((await stat(shelf.pathOf(sha256))).mode & 0o077, 0);
});

test('whatever a file contains comes back, from a file and from a server', async (t) => {
  const { folder, shelf } = await opened(t);
  let content: Uint8Array = new Uint8Array();
  const url = await served(t, (_request, response) => response.end(content));
  const path = join(folder, 'file');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200_000, size: 'max' }), async (bytes) => {
      content = bytes;
      await writeFile(path, bytes);
      const kept = [await shelf.keepFile(path, undefined, never), await shelf.keepUrl(url, undefined, never)];
      t.deepEqual(kept, [sha256Of(bytes), sha256Of(bytes)]);
      t.true((await readFile(shelf.pathOf(kept[0]!))).equals(bytes));
    }),
    { numRuns: 8 },
  );
});

test('what is not what was expected is refused, and nothing of it stays', async (t) => {
  const { folder, shelf, there } = await opened(t);
  const path = join(folder, 'a');
  await writeFile(path, 'content');
  const wrong = { algorithm: 'sha256', hex: 'ab'.repeat(32) } as const;
  await t.throwsAsync(shelf.keepFile(path, wrong, never, 'a'), {
    code: 'invalid',
    message: `a is not what the descriptor wants: its sha256 is ${sha256Of('content')}, expected ${wrong.hex}`,
  });
  const url = await served(t, (_request, response) => response.end('content'));
  await t.throwsAsync(shelf.keepUrl(url, { algorithm: 'md5', hex: '0'.repeat(32) }, never), { code: 'invalid', message: /its md5 is/ });
  t.deepEqual(await there(), []);
});

test('what is no file is said to be none', async (t) => {
  const { folder, shelf, there } = await opened(t);
  await t.throwsAsync(shelf.keepFile(join(folder, 'nothing'), undefined, never), { code: 'not-found', message: /nothing can't be read/ });
  await t.throwsAsync(shelf.keepFile(folder, undefined, never), { code: 'invalid', message: /is no file/ });
  t.deepEqual(await there(), []);
});

test('a file that breaks while it is read is an error, and nothing of it stays', async (t) => {
  const { shelf, there } = await opened(t);
  await t.throwsAsync(shelf.keepFile('/proc/self/mem', undefined, never), { code: 'failed', message: /cannot keep \/proc\/self\/mem/ });
  t.deepEqual(await there(), []);
});

test('a shelf that can not be made is an error of whoever keeps something, and of nobody else', async (t) => {
  const { folder } = await opened(t);
  await writeFile(join(folder, 'file'), '');
  const shelf = new SourceShelf(join(folder, 'file'));
  await t.throwsAsync(shelf.keepFile(join(folder, 'file'), undefined, never), { code: 'invalid', message: /cannot keep/ });
  let ended = false;
  const url = await served(t, (_request, response) => {
    response.on('close', () => {
      ended = true;
    });
    response.write('x');
  });
  await t.throwsAsync(shelf.keepUrl(url, undefined, never), { code: 'invalid' });
  await waitUntil('the answer ended', () => ended);
  t.true(ended);
});

needs(test, isRoot ? 'root may read everything' : undefined)('a file that nobody may read is an error', async (t) => {
  const { folder, shelf } = await opened(t);
  await writeFile(join(folder, 'secret'), 'x', { mode: 0 });
  await t.throwsAsync(shelf.keepFile(join(folder, 'secret'), undefined, never), { code: 'denied' });
});

test('a server that answers with an error is said to, and its connection does not stay', async (t) => {
  const { shelf, there } = await opened(t);
  let closed: Promise<unknown> | undefined;
  const url = await served(t, (_request, response) => {
    closed = new Promise((resolve) => response.on('close', resolve));
    response.writeHead(404);
    // A page that never ends.
    response.write('x'.repeat(1_000_000));
  });
  await t.throwsAsync(shelf.keepUrl(url, undefined, never), {
    code: 'unreachable',
    message: /can't be had: its server answers with status 404/,
  });
  await closed;
  t.deepEqual(await there(), []);
});

test('a server that is not there, or says nothing, is not waited for', async (t) => {
  const { shelf, there } = await opened(t, 500);
  await t.throwsAsync((await opened(t)).shelf.keepUrl(`http://127.0.0.1:${await freePort()}/x`, undefined, never), {
    code: 'unreachable',
    message: /ECONNREFUSED/,
  });
  const silent = await served(t, () => {});
  await t.throwsAsync(shelf.keepUrl(silent, undefined, never), { code: 'unreachable', message: /can't be had: no answer within 0\.5 s/ });
  const halting = await served(t, (_request, response) => response.write('first'));
  await t.throwsAsync(shelf.keepUrl(halting, undefined, never), { code: 'unreachable', message: /no more of it within 0\.5 s/ });
  t.deepEqual(await there(), []);
});

test('a server that is slow and never silent for long is waited for', async (t) => {
  const { shelf } = await opened(t, 1_500);
  const url = await served(t, async (_request, response) => {
    for (let part = 0; part < 5; part += 1) {
      response.write('x');
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    response.end();
  });
  t.is(await shelf.keepUrl(url, undefined, never), sha256Of('xxxxx'));
});

test('half of a file is none', async (t) => {
  const { shelf, there } = await opened(t);
  const url = await served(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  });
  await t.throwsAsync(shelf.keepUrl(url, undefined, never), { code: 'unreachable', message: /can't be had/ });
  t.deepEqual(await there(), []);
});

test('who is told to stop stops, with that as the reason, and leaves nothing', async (t) => {
  const { folder, shelf, there } = await opened(t);
  const reason = new Error('stop');
  const stop = new AbortController();
  const url = await served(t, (_request, response) => {
    response.write('first', () => setTimeout(() => stop.abort(reason), 20));
  });
  t.is(await t.throwsAsync(shelf.keepUrl(url, undefined, stop.signal)), reason);
  await writeFile(join(folder, 'a'), 'content');
  t.is(await t.throwsAsync(shelf.keepFile(join(folder, 'a'), undefined, stop.signal)), reason);
  t.is(await t.throwsAsync(shelf.keepUrl(url, undefined, stop.signal)), reason);
  t.deepEqual(await there(), []);
});

test('a folder has kept files under their names, also below others, and is made once', async (t) => {
  const { folder, shelf } = await opened(t);
  const kept = new Map<string, string>();
  for (const [name, content] of [
    ['model.onnx', 'm'],
    ['weights/part.bin', 'w'],
    ['weights/same.bin', 'w'],
  ] as const) {
    await writeFile(join(folder, 'file'), content);
    kept.set(name, await shelf.keepFile(join(folder, 'file'), undefined, never));
  }
  const set = await shelf.folderOf('digest', kept);
  t.deepEqual(await Promise.all([...kept.keys()].map((name) => readFile(join(set, name), 'utf8'))), ['m', 'w', 'w']);
  const both = await Promise.all([shelf.folderOf('digest', kept), shelf.folderOf('digest', kept), shelf.folderOf('digest', new Map())]);
  t.deepEqual(both, [set, set, set]);
  t.deepEqual((await readdir(set)).toSorted(), ['model.onnx', 'weights']);
  await mkdir(join(folder, 'empty'));
  await t.throwsAsync(shelf.folderOf('other', new Map([['x', 'ab']])), { code: 'ENOENT' });
});

test('what no descriptor needs goes, what is needed, or was kept just now, stays', async (t) => {
  const { folder, shelf, there } = await opened(t);
  const kept: string[] = [];
  for (const content of ['needed', 'not needed']) {
    await writeFile(join(folder, 'a'), content);
    kept.push(await shelf.keepFile(join(folder, 'a'), undefined, never));
  }
  const [needed, other] = kept as [string, string];
  await shelf.folderOf('d1', new Map([['a', needed]]));
  await shelf.folderOf('d2', new Map([['a', other]]));
  const now = Date.now();
  await shelf.prune(new Set([needed]), new Set(['d1']), now);
  t.deepEqual(await there(), [needed, other, 'sets'].toSorted(), 'the other one may be of a descriptor that is about to be stored');
  await shelf.prune(new Set([needed]), new Set(['d1']), now + 2 * 3_600_000);
  t.deepEqual(await there(), [needed, 'sets'].toSorted());
  t.deepEqual(await readdir(join(folder, 'sources', 'sets')), ['d1']);
});
