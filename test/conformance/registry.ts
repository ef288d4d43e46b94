/** What every registry must do. Run for each implementation. */
import type { ExecutionContext, TestFn } from 'ava';
import type { Registry } from '../../mesh/bus/registry.ts';
import type { MeshError } from '../../mesh/error.ts';

export interface RegistryHarness {
  /** Another connection to the same registry. */
  registry(): Promise<Registry>;
  /** The store is gone, and the registry is there again. */
  lose(): Promise<void>;
}

const bytes = (value: string) => new TextEncoder().encode(value);
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : new TextDecoder().decode(value));
const conflict = { name: 'MeshError', message: /changed meanwhile/ };

export function testRegistry(test: TestFn, name: string, open: (t: ExecutionContext) => Promise<RegistryHarness>): void {
  test(`${name}: what was put is there, also for others, with its revision`, async (t) => {
    const harness = await open(t);
    const [mine, theirs] = [await harness.registry(), await harness.registry()];
    t.is(await mine.get('a'), undefined);
    const revision = await mine.put('a', bytes('1'), 0);
    const found = await theirs.get('a');
    t.is(text(found?.value), '1');
    t.is(found?.revision, revision);
    t.true((await theirs.put('a', bytes('2'), revision)) > revision);
    t.is(text((await mine.get('a'))?.value), '2');
  });

  test(`${name}: of two that change the same revision one wins, and the other is told`, async (t) => {
    const harness = await open(t);
    const [mine, theirs] = [await harness.registry(), await harness.registry()];
    const revision = await mine.put('a', bytes('0'), 0);
    const outcomes = await Promise.allSettled([mine.put('a', bytes('1'), revision), theirs.put('a', bytes('2'), revision)]);
    t.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    t.is((lost!.reason as MeshError).code, 'conflict');
    t.is(text((await mine.get('a'))?.value), outcomes[0]!.status === 'fulfilled' ? '1' : '2');
  });

  test(`${name}: a key that is there can't be created`, async (t) => {
    const registry = await (await open(t)).registry();
    await registry.put('a', bytes('1'), 0);
    await t.throwsAsync(registry.put('a', bytes('2'), 0), conflict);
  });

  test(`${name}: what is removed is not there any more, and can be put anew; not when it was changed meanwhile`, async (t) => {
    const harness = await open(t);
    const [mine, theirs] = [await harness.registry(), await harness.registry()];
    const first = await mine.put('a', bytes('1'), 0);
    const second = await theirs.put('a', bytes('2'), first);
    await t.throwsAsync(mine.remove('a', first), conflict);
    await mine.remove('a', second);
    t.is(await theirs.get('a'), undefined);
    t.deepEqual(await theirs.list(), []);
    await t.throwsAsync(theirs.put('a', bytes('3'), second), conflict);
    t.true((await theirs.put('a', bytes('3'), 0)) > second);
  });

  test(`${name}: keys are listed in order, and the clock goes on from what was written`, async (t) => {
    const registry = await (await open(t)).registry();
    t.deepEqual(await registry.list(), []);
    for (const key of ['b', 'a', 'c-1']) await registry.put(key, bytes(key), 0);
    const now = await registry.now();
    const found = await registry.list();
    t.deepEqual(
      found.map(({ key, value }) => `${key}=${text(value)}`),
      ['a=a', 'b=b', 'c-1=c-1'],
    );
    for (const { writtenMs } of found) t.true(writtenMs <= now && writtenMs > now - 60_000);
  });

  test(`${name}: when the store is lost a change of what was there is refused, and it can be put again`, async (t) => {
    const harness = await open(t);
    const registry = await harness.registry();
    const revision = await registry.put('a', bytes('1'), 0);
    await harness.lose();
    t.is(await registry.get('a'), undefined);
    await t.throwsAsync(registry.put('a', bytes('2'), revision), conflict);
    await registry.put('a', bytes('2'), 0);
    t.is(text((await registry.get('a'))?.value), '2');
  });
}
