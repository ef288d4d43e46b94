import test from 'ava';
import { PresenceBeacon } from '../../agent/presence.ts';
import type { Bus } from '../../mesh/bus/bus.ts';
import { MemoryBroker } from '../../mesh/bus/memory.ts';
import { decodePresence } from '../../mesh/bus/messages.ts';
import { connectNats } from '../../mesh/bus/nats.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { clockOf } from '../../mesh/clock.ts';
import type { Device, Presence } from '../../mesh/device.ts';
import { PROTOCOL_VERSION } from '../../mesh/protocol-version.ts';
import { NatsServer } from '../helpers/nats-server.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const subjects = subjectsOf('lab');
const device: Device = {
  name: 'pi',
  address: '10.0.0.1:7070',
  arch: 'arm64',
  os: 'x',
  cores: 4,
  memoryBytes: 1,
  diskBytes: 1,
  nodeVersion: '24',
  runtimeVersion: '1',
};

const onError = (error: unknown): void => {
  throw error;
};

/** Longer than any test: what is heard then was not the regular beat. */
const NEVER_MS = 3_600_000;

function beacon(bus: Bus, beatMs: number, draining = () => false): PresenceBeacon {
  return new PresenceBeacon({
    beatMs,
    clock: clockOf(() => performance.now()),
    bus,
    subjects,
    device,
    softwareVersion: '0.1.0',
    load: () => ({ cpuBusyCores: 1 }),
    stages: () => [],
    draining,
  });
}

async function listen(url: string): Promise<{ readonly bus: Bus; readonly heard: Presence[] }> {
  const bus = await connectNats({ url, clientName: 'controller', onError });
  const heard: Presence[] = [];
  bus.subscribe(subjects.allPresence, (payload) => heard.push(decodePresence(payload)));
  await bus.flush();
  return { bus, heard };
}

test('a device answers a hello at once, tells what changes, and says goodbye', async (t) => {
  const server = await NatsServer.start(t);
  await using agent = await connectNats({ url: server.url, clientName: 'agent', onError });
  let draining = false;
  const presence = beacon(agent, NEVER_MS, () => draining);
  await agent.flush();
  const { bus, heard } = await listen(server.url);
  await using controller = bus;
  const before = heard.length;
  controller.publish(subjects.hello, new Uint8Array());
  await waitUntil('an answer', () => heard.length > before);
  draining = true;
  presence.now();
  await waitUntil('the news', () => heard.at(-1)?.draining);
  presence.leave();
  presence.leave();
  await waitUntil('the goodbye', () => heard.at(-1)?.leaving);
  controller.publish(subjects.hello, new Uint8Array());
  await controller.flush();
  await agent.flush();
  await controller.flush();
  t.is(heard.filter(({ leaving }) => leaving).length, 1);
  t.true(heard.at(-1)?.leaving);
  t.like(heard[0], { device, load: { cpuBusyCores: 1 }, protocolVersion: PROTOCOL_VERSION, softwareVersion: '0.1.0' });
  t.is(new Set(heard.map(({ incarnation }) => incarnation)).size, 1);
  for (const [index, one] of heard.entries()) if (index > 0) t.true(one.beat > heard[index - 1]!.beat);
});

test('a device is heard again and again without being asked', async (t) => {
  const server = await NatsServer.start(t);
  await using agent = await connectNats({ url: server.url, clientName: 'agent', onError });
  const { bus, heard } = await listen(server.url);
  await using _controller = bus;
  const presence = beacon(agent, 20);
  await waitUntil('three beats', () => heard.length >= 3);
  presence.leave();
  t.pass();
});

test('a device is heard as soon as a broker comes, and again when it comes back', async (t) => {
  const broker = new MemoryBroker();
  broker.stop();
  await using agent = broker.bus(onError);
  await using controller = broker.bus(onError);
  const heard: Presence[] = [];
  controller.subscribe(subjects.allPresence, (payload) => heard.push(decodePresence(payload)));
  const presence = beacon(agent, NEVER_MS);
  broker.start();
  await controller.flush();
  t.is(heard.length, 1);
  broker.stop();
  broker.start();
  await controller.flush();
  t.is(heard.length, 2);
  presence.leave();
});
