import { performance } from 'node:perf_hooks';
import test from 'ava';
import fc from 'fast-check';
import { tensorCodecs } from '../../../mesh/codec/registry.ts';
import type { MeshError } from '../../../mesh/error.ts';
import { type InboundFrame, Inbox, type InboxOptions } from '../../../mesh/link/inbox.ts';
import type { PushStream } from '../../../mesh/link/link.ts';
import { MemoryNetwork } from '../../../mesh/link/memory.ts';
import { Outbox, type OutRoute } from '../../../mesh/link/outbox.ts';
import type { Transfer } from '../../../mesh/link/transfers.ts';
import { byteLength, type DType, type Tensor } from '../../../mesh/tensor.ts';

const now = (): number => performance.now();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outbox(
  network: MemoryNetwork,
  producer: string,
  routes: readonly OutRoute[],
  more: Partial<ConstructorParameters<typeof Outbox>[0]> = {},
): Outbox {
  const box = new Outbox({ run: 'r', epoch: 1n, producer, routes, codecs: tensorCodecs, now, ...more });
  network.listen(producer, (stream) => box.accept(stream));
  return box;
}

function inbox(network: MemoryNetwork, routes: InboxOptions['routes'], more: Partial<InboxOptions> = {}): Inbox {
  const box = new Inbox({
    run: 'r',
    epoch: 1n,
    consumer: 'sink',
    first: 0n,
    routes,
    windowFrames: 2,
    windowBytes: 1 << 20,
    link: network.link(),
    codecs: tensorCodecs,
    now,
    onFrame: (frame) => frame.release(),
    onLost: () => {},
    ...more,
  });
  box.start();
  return box;
}

function tensor(dtype: DType, dims: readonly number[], seed: number): Tensor {
  const data = new Uint8Array(byteLength(dtype, dims));
  for (let i = 0; i < data.length; i++) data[i] = (Math.imul(i + 1, seed * 2 + 1) >>> 3) & 255;
  return { dtype, dims, data };
}

const route = (from: string, tensors: readonly string[]) => ({ from, address: from, tensors });

test('every frame of several producers arrives joined, once, in order, with its bytes, and never more than the window is held', async (t) => {
  const shape = fc.record({ dtype: fc.constantFrom<DType>('float32', 'uint8', 'int64'), dims: fc.array(fc.nat(6), { maxLength: 3 }) });
  const situation = fc.record({
    producers: fc.array(
      fc.record({
        tensors: fc.array(shape, { minLength: 1, maxLength: 3 }),
        codecs: fc.array(fc.constantFrom('none', 'lz4'), { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    frames: fc.integer({ min: 1, max: 12 }),
    windowFrames: fc.integer({ min: 1, max: 4 }),
    windowBytes: fc.integer({ min: 1, max: 2000 }),
  });
  await fc.assert(
    fc.asyncProperty(situation, async ({ producers, frames, windowFrames, windowBytes }) => {
      const network = new MemoryNetwork();
      const named = producers.map(({ tensors, codecs }, p) => ({
        from: `p${p}`,
        codecs,
        tensors: tensors.map((spec, i) => ({ ...spec, name: `p${p}t${i}` })),
      }));
      const content = (id: number): Map<string, Tensor> =>
        new Map(
          named.flatMap(({ tensors }) => tensors.map(({ name, dtype, dims }, i) => [name, tensor(dtype, dims, id * 7 + i)] as const)),
        );
      const held: InboundFrame[] = [];
      const got: bigint[] = [];
      let mostHeld = 0;
      const done = Promise.withResolvers<void>();
      const box = inbox(
        network,
        named.map(({ from, tensors }) =>
          route(
            from,
            tensors.map(({ name }) => name),
          ),
        ),
        {
          windowFrames,
          windowBytes,
          onFrame: (frame) => {
            held.push(frame);
            mostHeld = Math.max(mostHeld, held.length);
            for (const [name, { dtype, dims, data }] of content(Number(frame.id))) {
              const arrived = frame.tensors.get(name)!;
              t.deepEqual(
                { dtype: arrived.dtype, dims: [...arrived.dims], data: Buffer.from(arrived.data) },
                { dtype, dims: [...dims], data: Buffer.from(data) },
              );
            }
            got.push(frame.id);
            // Releases late, so that the window has to hold the producers back.
            setImmediate(() => setImmediate(() => held.shift()?.release()));
            if (got.length === frames) done.resolve();
          },
          onLost: (_, error) => done.reject(error),
        },
      );
      const boxes = named.map(({ from, tensors, codecs }) =>
        outbox(network, from, [{ to: 'sink', tensors: tensors.map(({ name }) => name), codecs }]),
      );
      const sending = boxes.map(async (out) => {
        for (let id = 0; id < frames; id++) await out.send(BigInt(id), content(id));
      });
      await Promise.all([done.promise, ...sending]);
      box.close();
      for (const out of boxes) out.close();
      t.deepEqual(
        got,
        Array.from({ length: frames }, (_, id) => BigInt(id)),
      );
      t.true(mostHeld <= windowFrames);
    }),
    { numRuns: 60 },
  );
});

test('a producer stops at the window and goes on with each release', async (t) => {
  const network = new MemoryNetwork();
  const held: InboundFrame[] = [];
  const box = inbox(network, [route('p', ['x'])], { windowFrames: 2, onFrame: (frame) => held.push(frame) });
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }]);
  let sent = 0;
  const sending = (async () => {
    for (let id = 0n; id < 4n; id++) {
      await out.send(id, new Map([['x', tensor('uint8', [10], 1)]]));
      sent += 1;
    }
  })();
  for (let i = 0; i < 50; i++) await turn();
  t.is(sent, 2);
  held[0]!.release();
  held[0]!.release();
  for (let i = 0; i < 50; i++) await turn();
  t.is(sent, 3);
  held[1]!.release();
  await sending;
  box.close();
  out.close();
});

test('a frame larger than the byte window goes alone', async (t) => {
  const network = new MemoryNetwork();
  const held: InboundFrame[] = [];
  const box = inbox(network, [route('p', ['x'])], { windowFrames: 5, windowBytes: 100, onFrame: (frame) => held.push(frame) });
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }]);
  await out.send(0n, new Map([['x', tensor('uint8', [1000], 1)]]));
  let second = false;
  const sending = out.send(1n, new Map([['x', tensor('uint8', [1], 1)]])).then(() => {
    second = true;
  });
  for (let i = 0; i < 50; i++) await turn();
  t.false(second);
  held[0]!.release();
  await sending;
  t.true(second);
  box.close();
  out.close();
});

test('each frame travels with the codec that its cycle says, until the route is recoded', async (t) => {
  const network = new MemoryNetwork();
  const transfers: Transfer[] = [];
  const all = Promise.withResolvers<void>();
  const box = inbox(network, [route('p', ['x'])]);
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none', 'lz4', 'none'] }], {
    onTransfer: (transfer) => {
      transfers.push(transfer);
      if (transfers.length === 6) all.resolve();
    },
  });
  const zeros = { dtype: 'uint8' as const, dims: [1000], data: new Uint8Array(1000) };
  const send = (id: number) => out.send(BigInt(id), new Map([['x', zeros]]));
  for (let id = 0; id < 4; id += 1) await send(id);
  t.throws(() => out.recode('sink', ['zip']), { message: /codec "zip" is not known/ });
  t.throws(() => out.recode('sink', []), { message: /has 0; expected 1 to/ });
  t.throws(() => out.recode('other', ['lz4']), { message: /no route from p to other/ });
  out.recode('sink', ['lz4']);
  for (let id = 4; id < 6; id += 1) await send(id);
  await all.promise;
  t.deepEqual(
    transfers.map(({ codec }) => codec),
    ['none', 'lz4', 'none', 'none', 'lz4', 'lz4'],
  );
  t.true(transfers.every(({ occupiedUs, transferUs }) => occupiedUs > 0 && occupiedUs <= transferUs));
  box.close();
  out.close();
});

test('transfers are reported with their bytes and the codec that was used', async (t) => {
  const network = new MemoryNetwork();
  const transfers: Transfer[] = [];
  const both = Promise.withResolvers<void>();
  const box = inbox(network, [route('p', ['x'])]);
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['lz4'] }], {
    onTransfer: (transfer) => {
      transfers.push(transfer);
      if (transfers.length === 2) both.resolve();
    },
  });
  const zeros = { dtype: 'uint8' as const, dims: [2_000_000], data: new Uint8Array(2_000_000) };
  const noise = { ...zeros, data: Uint8Array.from({ length: 2_000_000 }, (_, i) => Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 24) };
  await out.send(0n, new Map([['x', zeros]]));
  await out.send(1n, new Map([['x', noise]]));
  await both.promise;
  t.is(transfers[0]!.codec, 'lz4');
  t.true(transfers[0]!.wireBytes < 100_000);
  t.is(transfers[0]!.rawBytes, 2_000_000);
  t.true(transfers.every(({ transferUs }) => transferUs > 0));
  t.true(transfers[1]!.wireBytes <= 2_000_000);
  box.close();
  out.close();
});

const refusals: Record<string, { readonly open: Partial<PushStream['open']>; readonly says: RegExp }> = {
  'another run': { open: { run: 'other' }, says: /run other/ },
  'another epoch': { open: { epoch: 2n }, says: /epoch 2.*epoch 1/ },
  'another producer': { open: { producer: 'q' }, says: /wants q/ },
  'a consumer that is not in the plan': { open: { consumer: 'stranger' }, says: /no route from p to stranger/ },
  'other tensors': { open: { tensors: ['y'] }, says: /wants \[y\]/ },
};
for (const [what, { open, says }] of Object.entries(refusals)) {
  test(`a stream for ${what} is refused`, async (t) => {
    const network = new MemoryNetwork();
    const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }]);
    const closed = Promise.withResolvers<MeshError | undefined>();
    network
      .link()
      .pull(
        'p',
        { run: 'r', epoch: 1n, producer: 'p', consumer: 'sink', tensors: ['x'], windowFrames: 1, windowBytes: 1, ...open },
        { part: () => {}, closed: closed.resolve },
      );
    const error = await closed.promise;
    t.is(error?.code, 'conflict');
    t.regex(error?.message ?? '', says);
    out.close();
  });
}

test('a second stream of the same consumer is refused, the first goes on', async (t) => {
  const network = new MemoryNetwork();
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }]);
  const arrived = Promise.withResolvers<bigint>();
  const box = inbox(network, [route('p', ['x'])], { onFrame: ({ id }) => arrived.resolve(id) });
  await turn();
  const lost = Promise.withResolvers<MeshError>();
  inbox(network, [route('p', ['x'])], { onLost: (_, error) => lost.resolve(error) });
  t.is((await lost.promise).code, 'conflict');
  await out.send(7n, new Map([['x', tensor('uint8', [1], 1)]]));
  t.is(await arrived.promise, 7n);
  box.close();
  out.close();
});

test('sends to a consumer that ended in order reject with cancelled, and nobody is reported lost', async (t) => {
  const network = new MemoryNetwork();
  const out = outbox(network, 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }], { onLost: () => t.fail('reported as lost') });
  const box = inbox(network, [route('p', ['x'])], { windowFrames: 1, onFrame: () => {} });
  await out.send(0n, new Map([['x', tensor('uint8', [1], 1)]]));
  const waiting = out.send(1n, new Map([['x', tensor('uint8', [1], 1)]]));
  box.close();
  t.is((await t.throwsAsync<MeshError>(waiting))?.code, 'cancelled');
});

test('a missing tensor is a clear error', async (t) => {
  const out = outbox(new MemoryNetwork(), 'p', [{ to: 'sink', tensors: ['x'], codecs: ['none'] }]);
  await t.throwsAsync(out.send(0n, new Map()), { message: /no tensor "x", which sink needs/ });
});
