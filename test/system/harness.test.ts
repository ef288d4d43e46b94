/**
 * The harness on real agents: what other system tests rely on.
 */
import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { listeningPorts } from '../helpers/ports.ts';
import { isAlive, readProcess } from '../helpers/proc.ts';
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
