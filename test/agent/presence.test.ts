import test from 'ava';
import { PresenceBeacon } from '../../agent/presence.ts';
import type { Bus } from '../../mesh/bus/bus.ts';
import { decodePresence } from '../../mesh/bus/messages.ts';
import { connectNats, openNats } from '../../mesh/bus/nats.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import type { Device, Presence } from '../../mesh/device.ts';
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

function beacon(bus: Bus, draining = () => false): PresenceBeacon {
  return new PresenceBeacon({
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
  const presence = beacon(agent, () => draining);
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
  t.like(heard[0], { device, load: { cpuBusyCores: 1 }, protocolVersion: 1, softwareVersion: '0.1.0' });
  t.is(new Set(heard.map(({ incarnation }) => incarnation)).size, 1);
  for (const [index, one] of heard.entries()) if (index > 0) t.true(one.beat > heard[index - 1]!.beat);
});

test('a device is heard every second without being asked', async (t) => {
  const server = await NatsServer.start(t);
  await using agent = await connectNats({ url: server.url, clientName: 'agent', onError });
  const { bus, heard } = await listen(server.url);
  await using _controller = bus;
  const presence = beacon(agent);
  await waitUntil('three beats', () => heard.length >= 3);
  presence.leave();
  t.pass();
});

test('a device is heard as soon as a server comes, and again when it comes back', async (t) => {
  const server = await NatsServer.start(t);
  await server.process.kill();
  await using agent = openNats({ url: server.url, clientName: 'agent', onError });
  const presence = beacon(agent);
  await server.restart();
  const { bus, heard } = await listen(server.url);
  await using _controller = bus;
  await waitUntil('a beat', () => heard.length > 0);
  await server.process.kill();
  heard.length = 0;
  await server.restart();
  await waitUntil('a beat after the restart', () => heard.length > 0);
  presence.leave();
  t.pass();
});
