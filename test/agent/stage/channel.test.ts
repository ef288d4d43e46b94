import { duplexPair, PassThrough } from 'node:stream';
import { serialize } from 'node:v8';
import test from 'ava';
import fc from 'fast-check';
import { Channel } from '../../../agent/stage/channel.ts';

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.byteLength);
  return Buffer.concat([length, body]);
}

interface Heard {
  readonly messages: unknown[];
  readonly garbage: string | undefined;
}

/** What a channel makes of these pieces, after which the peer closes. */
async function heard(pieces: readonly Uint8Array[]): Promise<Heard> {
  const stream = new PassThrough();
  const messages: unknown[] = [];
  const closed = Promise.withResolvers<string | undefined>();
  new Channel(stream, { message: (message) => messages.push(message), closed: closed.resolve });
  for (const piece of pieces) if (!stream.destroyed) stream.write(piece);
  if (!stream.destroyed) stream.end();
  return { messages, garbage: await closed.promise };
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end)).filter((piece) => piece.byteLength > 0);
}

test('messages arrive whole and in order, however the pipe cuts them', async (t) => {
  const message = fc.record({ text: fc.string(), id: fc.bigInt(), bytes: fc.uint8Array({ maxLength: 300 }) }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), async (messages, places) => {
      const { messages: came, garbage } = await heard(cutAt(Buffer.concat(messages.map((one) => framed(serialize(one)))), places));
      t.deepEqual(
        came.map((one) => ({ ...(one as object), bytes: Uint8Array.from((one as { bytes: Uint8Array }).bytes) })),
        messages.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) })),
      );
      t.is(garbage, undefined);
    }),
  );
});

test('whatever a peer writes ends in an event and not in an exception', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }), async (pieces) => {
      const { garbage } = await heard([framed(serialize('first')), ...pieces]);
      t.true(garbage === undefined || garbage.length > 0);
    }),
  );
});

test('garbage is named, and what came before it is kept', async (t) => {
  const { messages, garbage } = await heard([
    framed(serialize({ kind: 'ready' })),
    framed(Buffer.from('no message')),
    framed(serialize(2)),
  ]);
  t.deepEqual(messages, [{ kind: 'ready' }]);
  t.regex(garbage!, /^10 bytes that are no message/);
});

test('a length beyond all reason is refused before it is waited for', async (t) => {
  const { garbage } = await heard([Buffer.from([0xff, 0xff, 0xff, 0xff])]);
  t.is(garbage, 'a message of 4294967295 bytes, at most 16777216 are allowed');
});

test('after the peer has closed, sending says at once that it is over', async (t) => {
  const [near, far] = duplexPair();
  const closed = Promise.withResolvers<string | undefined>();
  const channel = new Channel(near, { message: () => {}, closed: closed.resolve });
  far.resume();
  await new Promise<void>((resolve) => channel.send('anybody there?', resolve));
  far.end();
  t.is(await closed.promise, undefined);
  let told = false;
  channel.send('still?', () => {
    told = true;
  });
  t.true(told);
});
