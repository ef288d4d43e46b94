/**
 * What every implementation of the link port must do. `open` starts a place where producers listen and consumers reach it.
 */
import type { TestFn } from 'ava';
import { MeshError } from '../../mesh/error.ts';
import type { Accept, Link, Part, Progress, PullOpen, PushStream } from '../../mesh/link/link.ts';
import { carryOut } from '../mesh/link/plan-of-links.ts';
import { replicatedPlan } from '../partition/support/random-plan.ts';

export interface LinkUnderTest {
  readonly address: string;
  readonly link: Link;
  close(): Promise<void>;
}

const open: PullOpen = {
  run: 'r',
  epoch: 3n,
  producer: 'stage1',
  consumer: 'sink',
  tensors: ['a', 'b'],
  windowFrames: 4,
  windowBytes: 1_000_000,
};

/** A promise with its resolver, for one thing that happens once. */
function once<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}

function part(frame: bigint, payload: Uint8Array): Part {
  return {
    frame,
    tensor: 1,
    offset: 512,
    rawBytes: payload.byteLength,
    codec: 'lz4',
    head: { dtype: 'uint8', dims: [payload.byteLength], bytes: payload.byteLength },
    payload,
  };
}

export function linkConformance(test: TestFn, name: string, start: (accept: Accept) => Promise<LinkUnderTest>): void {
  test(`${name}: parts arrive unchanged and in order, whatever their size`, async (t) => {
    const sizes = [0, 1, 2, 127, 128, 16_383, 16_384, 65_535, 65_536, 1_048_576];
    const got: Part[] = [];
    const done = once<MeshError | undefined>();
    const under = await start(async (stream) => {
      t.deepEqual(stream.open, open);
      for (const [index, size] of sizes.entries()) await stream.send(part(BigInt(index), bytesOf(size)));
      stream.end();
    });
    under.link.pull(under.address, open, {
      part: (arrived) => got.push({ ...arrived, payload: arrived.payload.slice() }),
      closed: done.resolve,
    });
    t.is(await done.promise, undefined);
    t.deepEqual(
      got.map(({ payload, ...rest }) => ({ ...rest, payload: Buffer.from(payload).toString('base64') })),
      sizes.map((size, index) => {
        const { payload, ...rest } = part(BigInt(index), bytesOf(size));
        return { ...rest, payload: Buffer.from(payload).toString('base64') };
      }),
    );
    await under.close();
  });

  test(`${name}: the largest frame id and a part without head survive`, async (t) => {
    const arrived = once<Part>();
    const plain: Part = { frame: 2n ** 64n - 1n, tensor: 0, offset: 0, rawBytes: 3, codec: 'none', payload: Uint8Array.of(1, 2, 3) };
    const under = await start((stream) => void stream.send(plain));
    const pull = under.link.pull(under.address, open, { part: arrived.resolve, closed: () => {} });
    const { payload, ...rest } = await arrived.promise;
    t.deepEqual({ ...rest, payload: [...payload] }, { ...plain, payload: [1, 2, 3] });
    pull.close();
    await under.close();
  });

  test(`${name}: the turns a consumer expects reach the producer`, async (t) => {
    for (const turns of [
      { of: 1, at: [0] },
      { of: 1024, at: [0, 5, 1023] },
    ]) {
      const accepted = once<PullOpen>();
      const under = await start((stream) => accepted.resolve(stream.open));
      const pull = under.link.pull(under.address, { ...open, turns }, { part: () => {}, closed: () => {} });
      t.deepEqual(await accepted.promise, { ...open, turns });
      pull.close();
      await under.close();
    }
  });

  test(`${name}: frames of stages that take turns, next to each other and beside a longer way, arrive each once and in order`, async (t) => {
    const shares = [[1], [1, 1], [2, 1, 1], [1], [3, 2]];
    const reads = [[], [1], [2], [1, 3], [4]];
    const plan = replicatedPlan({ stages: reads.map((reads, index) => ({ reads, shares: shares[index]! })) });
    const producers = new Map<string, LinkUnderTest>();
    const { ids, seen } = await carryOut({
      plan,
      frames: 40,
      windowFrames: 2,
      windowBytes: 100,
      delay: (stage, frame) => (stage.endsWith('1') ? Number(frame % 4n) : 0),
      listen: async (producer, accept) => void producers.set(producer, await start(accept)),
      link: {
        pull: (producer, open, handlers) => {
          const { link, address } = producers.get(producer)!;
          return link.pull(address, open, handlers);
        },
      },
    });
    t.deepEqual(
      ids,
      Array.from({ length: 40 }, (_, id) => BigInt(id)),
    );
    t.deepEqual(
      ['s0', 's1-1', 's1-2', 's2-1', 's2-2', 's2-3', 's3', 's4-1', 's4-2'].map((stage) => seen.get(stage)!.length),
      [40, 20, 20, 20, 10, 10, 40, 24, 16],
    );
    for (const under of producers.values()) await under.close();
  });

  test(`${name}: progress reaches the producer in order`, async (t) => {
    const seen: Progress[] = [];
    const all = once<void>();
    const under = await start((stream) => {
      stream.onProgress((progress) => {
        seen.push(progress);
        if (seen.length === 3) all.resolve();
      });
    });
    const pull = under.link.pull(under.address, open, { part: () => {}, closed: () => {} });
    for (const n of [1, 2, 3]) pull.progress({ receivedFrames: n, consumedFrames: n - 1, consumedBytes: n * 10 });
    await all.promise;
    t.deepEqual(
      seen,
      [1, 2, 3].map((n) => ({ receivedFrames: n, consumedFrames: n - 1, consumedBytes: n * 10 })),
    );
    pull.close();
    await under.close();
  });

  test(`${name}: a consumer that closes is an orderly end for the producer, and later sends reject`, async (t) => {
    const accepted = once<PushStream>();
    const closed = once<MeshError | undefined>();
    const under = await start((stream) => {
      stream.onClose(closed.resolve);
      accepted.resolve(stream);
    });
    const pull = under.link.pull(under.address, open, {
      part: () => {},
      closed: () => t.fail('closed was called although the consumer closed'),
    });
    const stream = await accepted.promise;
    pull.close();
    pull.close();
    t.is(await closed.promise, undefined);
    const error = await t.throwsAsync(stream.send(part(0n, bytesOf(10))));
    t.true(error instanceof MeshError);
    await under.close();
  });

  test(`${name}: a producer that ends with an error tells the consumer why`, async (t) => {
    const closed = once<MeshError | undefined>();
    const under = await start((stream) => stream.end(new MeshError('conflict', 'epoch 3 is over', { hint: 'pull for epoch 4 – später' })));
    under.link.pull(under.address, open, { part: () => {}, closed: closed.resolve });
    const error = await closed.promise;
    t.is(error?.code, 'conflict');
    t.is(error?.message, 'epoch 3 is over');
    t.is(error?.hint, 'pull for epoch 4 – später');
    await under.close();
  });

  test(`${name}: an accept that throws refuses the stream`, async (t) => {
    const closed = once<MeshError | undefined>();
    const under = await start(() => {
      throw new MeshError('conflict', 'no such route');
    });
    under.link.pull(under.address, open, { part: () => {}, closed: closed.resolve });
    t.is((await closed.promise)?.message, 'no such route');
    await under.close();
  });

  test(`${name}: a consumer that can't make sense of a part ends the stream with its reason, and the producer learns of it`, async (t) => {
    const closed = once<MeshError | undefined>();
    const producerClosed = once<MeshError | undefined>();
    const under = await start((stream) => {
      stream.onClose(producerClosed.resolve);
      stream.send(part(0n, bytesOf(100))).catch(() => {});
    });
    under.link.pull(under.address, open, {
      part: () => {
        throw new MeshError('invalid', 'nonsense');
      },
      closed: closed.resolve,
    });
    t.is((await closed.promise)?.message, 'nonsense');
    t.true((await producerClosed.promise) instanceof MeshError);
    await under.close();
  });

  test(`${name}: an address where nobody listens is unreachable`, async (t) => {
    const under = await start(() => {});
    await under.close();
    const closed = once<MeshError | undefined>();
    under.link.pull(under.address, open, { part: () => {}, closed: closed.resolve });
    t.is((await closed.promise)?.code, 'unreachable');
  });
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31) & 255);
}
