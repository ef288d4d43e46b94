import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import test, { type ExecutionContext } from 'ava';
import { Bell } from '../../controller/abortable.ts';
import { StreamOutput } from '../../controller/detached/stream-output.ts';
import { connectNats } from '../../mesh/bus/nats.ts';
import { OutputStreamReader, OutputStreamWriter } from '../../mesh/bus/nats-outputs.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { clockOf } from '../../mesh/clock.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { type Outputs, outputParts } from '../../mesh/wire-outputs.ts';
import { NatsServer } from '../helpers/nats-server.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const name = subjectsOf('m').outputs('r');

async function open(t: ExecutionContext, args: readonly string[] = []) {
  const server = await NatsServer.start(t, { args });
  const bus = await connectNats({ url: server.url, clientName: 'test', onError: () => {} });
  t.teardown(() => bus.close());
  const connection = () => bus.connection;
  const lost: string[] = [];
  const writer = (term: number, keepFrames?: number) =>
    OutputStreamWriter.open({ connection, name, run: 'r', term, keepFrames, onLost: () => lost.push('lost') });
  const reader = new OutputStreamReader({ connection, name });
  return { server, connection, writer, reader, lost };
}

/** One tensor that says which frame it is of, of so many numbers. */
function outputsOf(frame: number, numbers = 4): Outputs {
  const data = new Float32Array(numbers).fill(frame);
  const tensor: Tensor = { dtype: 'float32', dims: [1, numbers], data: new Uint8Array(data.buffer) };
  return new Map([['y', tensor]]);
}

async function readAll(reader: OutputStreamReader): Promise<string[]> {
  const found: string[] = [];
  for await (const { frame, outputs } of reader.read()) {
    const tensor = outputs?.get('y');
    found.push(`${frame}:${tensor === undefined ? 'failed' : [...new Set(new Float32Array(tensor.data.buffer))].join()}`);
  }
  return found;
}

test.serial(
  'frames are read as they were written, large ones and failed ones, too; a writer goes on where the last one stopped',
  async (t) => {
    const { writer, reader } = await open(t);
    const first = await writer(1);
    t.is(first.next, 0n);
    first.append(0n, outputsOf(0));
    // Three parts.
    first.append(1n, outputsOf(1, 300_000));
    first.append(2n, undefined);
    await first.flush();
    t.deepEqual(await readAll(reader), ['0:0', '1:1', '2:failed']);
    const second = await writer(2);
    t.is(second.next, 3n);
    for (let frame = 3; frame < 80; frame += 1) second.append(BigInt(frame), outputsOf(frame));
    await second.flush();
    t.deepEqual(
      await readAll(reader),
      Array.from({ length: 77 }, (_, index) => `${index + 3}:${index + 3}`),
    );
  },
);

test.serial('a frame that was written in part is begun again', async (t) => {
  const { connection, writer, reader } = await open(t);
  const first = await writer(1);
  first.append(0n, outputsOf(0));
  await first.flush();
  // As if the process had ended before the last of three parts.
  for (const { part, bytes } of outputParts(1n, outputsOf(1, 300_000), 1).slice(0, 2)) {
    await jetstream(connection()).publish(name.subject(part.part), bytes);
  }
  t.deepEqual(await readAll(reader), ['0:0']);
  const second = await writer(2);
  t.is(second.next, 1n);
  second.append(1n, outputsOf(1, 300_000));
  second.append(2n, outputsOf(2));
  await second.flush();
  t.deepEqual(await readAll(reader), ['1:1', '2:2']);
});

test.serial('one that was replaced can write nothing more', async (t) => {
  const { writer, reader } = await open(t);
  const [old, young] = [await writer(1), await writer(2)];
  old.append(0n, outputsOf(0));
  await old.flush();
  young.append(0n, outputsOf(0));
  // What it meant to append is there: it looks, and goes on behind it.
  await young.flush();
  young.append(1n, outputsOf(1));
  await young.flush();
  old.append(1n, outputsOf(1));
  await t.throwsAsync(old.flush(), { message: /another process writes/ });
  await t.throwsAsync(writer(1), { message: /another process writes/ });
  t.deepEqual(await readAll(reader), ['0:0', '1:1']);
});

test.serial('with a limit the last frames stay', async (t) => {
  const { writer, reader } = await open(t);
  const only = await writer(1, 3);
  for (let frame = 0; frame < 10; frame += 1) only.append(BigInt(frame), outputsOf(frame, 200_000));
  await only.flush();
  t.deepEqual(await readAll(reader), ['7:7', '8:8', '9:9']);
});

test.serial('while the server is away nothing is lost: what was not stored is stored later', async (t) => {
  const { server, writer, reader } = await open(t);
  const only = await writer(1);
  only.append(0n, outputsOf(0));
  await only.flush();
  await server.process.kill();
  only.append(1n, outputsOf(1));
  await t.throwsAsync(only.flush(), { message: /takes nothing/ });
  only.append(2n, outputsOf(2));
  await server.restart();
  for (;;) {
    try {
      await only.flush();
      break;
    } catch {
      // Until it is connected again.
    }
  }
  t.deepEqual(await readAll(reader), ['0:0', '1:1', '2:2']);
});

test.serial('a full store takes nothing and drops nothing: the output waits and says so, and goes on when there is room', async (t) => {
  const config = join(await tempFolder(t), 'small.conf');
  await writeFile(config, 'jetstream { max_file_store: 1500000 }\n');
  const { connection, writer, reader } = await open(t, ['-c', config]);
  const notes: string[] = [];
  const waiting = new Bell();
  const output = new StreamOutput({
    writer: await writer(1),
    clock: clockOf(() => performance.now()),
    signal: new AbortController().signal,
    onWait: (note) => {
      notes.push(note);
      waiting.ring();
    },
    onReplaced: () => t.fail('nobody else writes'),
  });
  for (let frame = 0; frame < 6; frame += 1) await output.take(BigInt(frame), new Map(outputsOf(frame, 100_000)!));
  const synced = output.sync();
  await waiting.wait();
  t.regex(notes[0]!, /^waits: .*insufficient resources/);
  const before = await readAll(reader);
  t.true(before.length > 0 && before.length < 6, `${before}`);
  // Somebody makes room.
  const { streams } = await jetstreamManager(connection());
  await streams.purge(name.stream, { keep: 1 });
  await synced;
  t.is(notes.at(-1), '');
  t.deepEqual(
    [...before, ...(await readAll(reader))],
    Array.from({ length: 6 }, (_, frame) => `${frame}:${frame}`),
  );
});

test.serial("a stream that is gone with the server's store is made again, and goes on with the next frame", async (t) => {
  const { connection, writer, reader, lost } = await open(t);
  const only = await writer(1);
  for (let frame = 0; frame < 5; frame += 1) only.append(BigInt(frame), outputsOf(frame));
  await only.flush();
  t.is((await readAll(reader)).length, 5);
  await (await jetstreamManager(connection())).streams.delete(name.stream);
  only.append(5n, outputsOf(5));
  await only.flush();
  t.deepEqual(lost, ['lost']);
  t.deepEqual(await readAll(reader), ['5:5']);
  t.is((await writer(2)).next, 6n);
});
