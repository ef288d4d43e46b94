import test from 'ava';
import { MeshStates } from '../../../../controller/profile/device-state/mesh-states.ts';
import type { Bus } from '../../../../mesh/bus/bus.ts';
import { MemoryBroker } from '../../../../mesh/bus/memory.ts';
import { encodePresence } from '../../../../mesh/bus/messages.ts';
import { subjectsOf } from '../../../../mesh/bus/subjects.ts';
import type { Presence } from '../../../../mesh/device.ts';
import { deviceUuid } from '../../../../mesh/device-uuid.ts';
import { PROTOCOL_VERSION } from '../../../../mesh/protocol-version.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import type { Scope } from '../../../helpers/scope.ts';

const subjects = subjectsOf('lab');
const never = new AbortController().signal;

const presence: Presence = {
  beat: 1,
  incarnation: 'x',
  device: {
    name: 'pi1',
    address: '10.0.0.1:7070',
    arch: 'arm64',
    os: 'x',
    cores: 4,
    cpuModel: 'Raspberry Pi 4 Model B',
    memoryBytes: 1000,
    diskBytes: 2000,
    nodeVersion: '24',
    runtimeVersion: '1',
    virtualMachine: true,
  },
  load: { cpuBusyCores: 1, memoryFreeBytes: 250, diskFreeBytes: 1500, temperatureCelsius: 50 },
  stages: [],
  draining: false,
  protocolVersion: PROTOCOL_VERSION,
  softwareVersion: '0.1.0',
  leaving: false,
};

interface Heard {
  readonly clock: ManualClock;
  readonly states: MeshStates;
  readonly bad: unknown[];
  say(changes: Partial<Presence>): Promise<void>;
  raw(payload: Uint8Array): Promise<void>;
}

/** What is said arrives before it goes on. */
function mesh(t: Scope): Heard {
  const broker = new MemoryBroker();
  const fail = (error: unknown): void => {
    throw error;
  };
  const agent: Bus = broker.bus(fail);
  const clock = new ManualClock();
  const bad: unknown[] = [];
  const states = new MeshStates({
    ...{ bus: broker.bus(fail), subjects, mesh: 'lab', clock, staleAfterMs: 5_000 },
    onBad: (error) => bad.push(error),
  });
  t.teardown(() => states[Symbol.dispose]());
  const raw = async (payload: Uint8Array): Promise<void> => {
    agent.publish(subjects.presence('pi1'), payload);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, states, bad, raw, say: (changes) => raw(encodePresence({ ...presence, ...changes })) };
}

test('a heartbeat becomes percentages of the whole machine', async (t) => {
  const { clock, states, say } = mesh(t);
  clock.advance(1_300);
  await say({});
  clock.advance(700);
  t.deepEqual(await states.now(never), [
    {
      node: 'pi1',
      nodeUuid: deviceUuid('lab', 'pi1'),
      deviceModel: 'Raspberry Pi 4 Model B',
      deviceClass: 'VM',
      state: { cpuBusyPercent: 25, memoryUsedPercent: 75, diskUsedPercent: 25, temperatureCelsius: 50 },
      ageMs: 700,
      cores: 4,
      memoryBytes: 1000,
      device: presence.device,
      problems: [],
    },
  ]);
});

test('the first answer waits until every agent has had its turn to answer; it can be given up', async (t) => {
  const { clock, states, say } = mesh(t);
  const answer = states.now(never);
  const givenUp = new AbortController();
  const other = states.now(givenUp.signal);
  await say({});
  givenUp.abort(new Error('enough'));
  await t.throwsAsync(other, { message: 'enough' });
  clock.advance(1_300);
  t.is((await answer).length, 1);
});

test('silent, draining, just started: each is told with its reason; who said goodbye is gone', async (t) => {
  const { clock, states, say } = mesh(t);
  clock.advance(1_300);
  const problems = async (): Promise<readonly string[] | undefined> => (await states.now(never))[0]?.problems;
  await say({ draining: true });
  t.deepEqual(await problems(), ['it is draining: it takes no more work']);
  await say({ load: { memoryFreeBytes: 1, diskFreeBytes: 1 } });
  t.deepEqual(await problems(), ['its CPU use is not known']);
  await say({});
  clock.advance(5_001);
  t.deepEqual(await problems(), ['its metrics are 6 s old, 5 s are allowed (--stale-after)']);
  clock.advance(600_000);
  t.is(await problems(), undefined);
  await say({});
  t.deepEqual(await problems(), []);
  await say({ leaving: true });
  t.is(await problems(), undefined);
});

test('a heartbeat that can not be read is reported and changes nothing', async (t) => {
  const { clock, states, say, raw, bad } = mesh(t);
  clock.advance(1_300);
  await say({});
  await raw(Uint8Array.of(255, 255, 255));
  t.is(bad.length, 1);
  t.is((await states.now(never)).length, 1);
});
