import test from 'ava';
import fc from 'fast-check';
import { tensorCodecs } from '../../../mesh/codec/registry.ts';
import type { MeshError } from '../../../mesh/error.ts';
import { Inbox } from '../../../mesh/link/inbox.ts';
import { MemoryNetwork } from '../../../mesh/link/memory.ts';
import { Outbox } from '../../../mesh/link/outbox.ts';
import type { Tensor } from '../../../mesh/tensor.ts';
import { plainPlan, planRecipes, replicatedPlan } from '../../partition/support/random-plan.ts';
import { type Carried, carryOut } from './plan-of-links.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const frame = new Map<string, Tensor>([['x', { dtype: 'uint8', dims: [4], data: new Uint8Array(4) }]]);

test('a replicated plan gives what the plain one does, in order, whatever the windows and however long each stage takes', async (t) => {
  const situation = fc.record({
    recipe: planRecipes,
    frames: fc.integer({ min: 1, max: 25 }),
    windowFrames: fc.integer({ min: 1, max: 3 }),
    windowBytes: fc.constantFrom(1, 10, 1000),
    delays: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 7, maxLength: 7 }),
  });
  const onMemory = (
    plan: ReturnType<typeof plainPlan>,
    { frames, windowFrames, windowBytes, delays }: { frames: number; windowFrames: number; windowBytes: number; delays: readonly number[] },
  ): Promise<Carried> => {
    const network = new MemoryNetwork();
    return carryOut({
      plan,
      frames,
      windowFrames,
      windowBytes,
      delay: (stage, id) => delays[(stage.length * 31 + stage.charCodeAt(stage.length - 1) + Number(id)) % delays.length]!,
      listen: async (producer, accept) => void network.listen(producer, accept),
      link: network.link(),
    });
  };
  await fc.assert(
    fc.asyncProperty(situation, async ({ recipe, ...how }) => {
      const plain = await onMemory(plainPlan(recipe), how);
      const plan = replicatedPlan(recipe);
      const replicated = await onMemory(plan, how);
      const all = Array.from({ length: how.frames }, (_, id) => BigInt(id));
      t.deepEqual(replicated.ids, all);
      t.deepEqual(replicated.outputs, plain.outputs);
      for (const { id } of plainPlan(recipe).stages) {
        const replicas = plan.stages.filter((stage) => (stage.replicaOf ?? stage.id) === id).map((stage) => replicated.seen.get(stage.id)!);
        for (const seen of replicas)
          t.deepEqual(
            seen,
            seen.toSorted((a, b) => Number(a - b)),
            'each replica in order',
          );
        t.deepEqual(
          replicas.flat().sort((a, b) => Number(a - b)),
          all,
        );
      }
    }),
    { numRuns: 150 },
  );
});

const sent = { run: 'r', epoch: 1n, codecs: tensorCodecs, now: () => 0 };

test('a route that waits for its consumer does not hold up the others, and a frame goes only where its turn is', async (t) => {
  const network = new MemoryNetwork();
  const out = new Outbox({
    ...sent,
    producer: 'p',
    routes: ['slow', 'swift'].map((to, index) => ({ to, tensors: ['x'], codecs: ['none'], turns: { of: 2, at: [index] } })),
  });
  network.listen('p', (stream) => out.accept(stream));
  const got: Record<string, bigint[]> = { slow: [], swift: [] };
  const boxes = Object.keys(got).map((consumer, index) => {
    const routes = [{ from: 'p', address: 'p', tensors: ['x'], turns: { of: 2, at: [index] } }];
    const box = new Inbox({
      ...{ ...sent, consumer, routes, first: 0n, windowFrames: 1, windowBytes: 100, link: network.link() },
      onFrame: (arrived) => {
        got[consumer]!.push(arrived.id);
        if (consumer === 'swift') arrived.release();
      },
      onLost: (_, error) => t.fail(error.message),
    });
    box.start();
    return box;
  });
  const sending = Array.from({ length: 6 }, (_, id) => out.send(BigInt(id), frame));
  for (const each of sending) each.catch(() => {});
  for (let i = 0; i < 60; i += 1) await turn();
  t.deepEqual(got, { slow: [0n], swift: [1n, 3n, 5n] });
  for (const box of boxes) box.close();
  out.close();
  await t.throwsAsync(sending[2]!);
});

test('a consumer that expects other turns than the plan says is refused, with both named', async (t) => {
  const network = new MemoryNetwork();
  const out = new Outbox({ ...sent, producer: 'p', routes: [{ to: 'q', tensors: ['x'], codecs: ['none'], turns: { of: 2, at: [0] } }] });
  network.listen('p', (stream) => out.accept(stream));
  const open = { run: 'r', epoch: 1n, producer: 'p', consumer: 'q', tensors: ['x'], windowFrames: 1, windowBytes: 1 };
  for (const [turns, wants] of [
    [{ of: 2, at: [1] }, 'of 2 at 1'],
    [undefined, 'every frame'],
  ] as const) {
    const closed = Promise.withResolvers<MeshError | undefined>();
    network.link().pull('p', { ...open, ...(turns && { turns }) }, { part: () => {}, closed: closed.resolve });
    const error = await closed.promise;
    t.is(error?.code, 'conflict');
    t.is(error?.message, `q wants frames ${wants} from p, the plan says of 2 at 0`);
  }
  out.close();
});

test('a producer that sends a frame out of turn breaks the stream, and is named', async (t) => {
  const network = new MemoryNetwork();
  const lost = Promise.withResolvers<MeshError>();
  network.listen('p', (stream) => {
    const head = { dtype: 'uint8', dims: [1], bytes: 1 } as const;
    stream.send({ frame: 1n, tensor: 0, offset: 0, rawBytes: 1, codec: 'none', head, payload: Uint8Array.of(1) }).catch(() => {});
  });
  const box = new Inbox({
    ...{ ...sent, consumer: 'q', first: 0n, windowFrames: 1, windowBytes: 1, link: network.link() },
    routes: [{ from: 'p', address: 'p', tensors: ['x'], turns: { of: 2, at: [0] } }],
    onFrame: () => t.fail('it was handed on'),
    onLost: (_, error) => lost.resolve(error),
  });
  box.start();
  const error = await lost.promise;
  t.is(error.code, 'invalid');
  t.is(error.message, 'p sends frame 1 out of turn: its route to q carries those of 2 at 0');
});
