/**
 * The harness on real agents: what other system tests rely on.
 */
import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { Network, networkMissing } from '../helpers/network.ts';
import { listeningPorts } from '../helpers/ports.ts';
import { needs } from '../helpers/privileges.ts';
import { isAlive, readProcess } from '../helpers/proc.ts';
import { startRelay } from '../helpers/relay.ts';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';

test.serial('a mesh has a server and agents that listen where they say', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b', cpuQuota: 0.5, memory: '512MiB' }] });
  t.true(listeningPorts(mesh.nats!.process.pid).includes(mesh.nats!.port));
  for (const agent of mesh.agents) {
    t.regex(agent.address, /^127\.0\.0\.1:\d+$/);
    t.true(listeningPorts(agent.pid).includes(Number(agent.address.split(':')[1])));
  }
  t.throws(() => mesh.agent('c'), { message: /no agent "c", only a, b/ });
});

test.serial('an agent can be frozen, killed and started again', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }] });
  const agent = mesh.agent('a');
  const { pid } = agent;
  agent.process.stop();
  await waitUntil('frozen', () => readProcess(pid)?.state === 'T');
  agent.process.continue();
  await waitUntil('going on', () => readProcess(pid)?.state !== 'T');

  await agent.process.kill();
  t.false(isAlive(pid));
  await agent.start();
  t.not(agent.pid, pid);

  await agent.restart();
  t.true(isAlive(agent.pid));
});

test.serial('everything is gone with the test', async (t) => {
  const scope = new OwnScope();
  const mesh = await startMesh(scope, { agents: [{ name: 'a' }] });
  const pids = [mesh.agent('a').pid, mesh.nats!.process.pid];
  await scope.end();
  t.deepEqual(pids.filter(isAlive), []);
});

test.serial('an agent that ends without listening fails with its last words', async (t) => {
  await t.throwsAsync(startMesh(t, { agents: [{ name: 'a', args: ['--no-such-option'] }] }), {
    message: /the agent a ended without.*[\s\S]*no-such-option/,
  });
});

needs(test.serial, networkMissing())('agents can live on hosts of their own', async (t) => {
  const network = Network.create(t, { bitsPerSecond: 100_000_000 });
  const hosts = ['a', 'b'].map((name) => network.addHost(name));
  const mesh = await startMesh(t, {
    nats: { host: network.address },
    agents: hosts.map(({ name, address, prefix }) => ({ name, listen: `${address}:0`, prefix, args: ['--insecure'] })),
  });
  for (const { name, address } of hosts) t.true(mesh.agent(name).address.startsWith(`${address}:`));
});

test.serial('an agent can reach its server over a bad network', async (t) => {
  const mesh = await startMesh(t);
  const relay = await startRelay(t, `127.0.0.1:${mesh.nats!.port}`, { delayMs: 10 });
  await mesh.addAgent({ name: 'a', natsUrl: `nats://${relay.address}` });
  await waitUntil('connected through the relay', () => relay.connections > 0);
  t.pass();
});
