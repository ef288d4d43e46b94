/**
 * The loop of measuring, predicting and planning, shown on this machine: `make demo-loop`. Needs root (devices are control groups) and about four minutes.
 *
 *     three devices ──▶ collect ──▶ run --split resnet50@auto ──▶ one of them gets a third of its quota ──▶ the run moves ──▶ report
 *
 * Everything is real: a nats-server, three agents, the controller's own commands. All that is staged is that somebody takes quota away.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalMesh } from '../controller/deploy/local-mesh.ts';

const controller = fileURLToPath(new URL('../bin/controller', import.meta.url));
/** Cores of local1, local2, local3. */
const QUOTAS = [0.9, 0.5, 0.3];
const LOSER = 'local2';
/** Into the run, when its pace is known. */
const CUT_AFTER_MS = 40_000;
const FRAMES = 700;
/** What is measured before: not the model that is run. */
const MODELS = 'resnet18,squeezenet,googlenet,mobilenetv2,densenet121';

if (process.getuid?.() !== 0) {
  process.stderr.write('demo-loop: devices are control groups here, and making them needs root: sudo make demo-loop\n');
  process.exit(1);
}

const stopped = new AbortController();
// Ctrl-C reaches the commands by itself, and a second one would not let them clean up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort(signal));
await using mesh = await LocalMesh.start({
  ...{ agents: QUOTAS.length, env: process.env, tmpdir: tmpdir(), signal: stopped.signal },
  agentFlags: (index) => ['--cpu-quota', `${QUOTAS[index]}`],
});
// Nothing of what other runs have measured.
const env = { ...process.env, XDG_CACHE_HOME: join(mesh.root, 'cache'), SPLITMESH_DATA: join(mesh.root, 'data') };
const place = ['--nats', mesh.natsUrl, '--mesh', mesh.name];
try {
  await show();
} catch (error) {
  if (!stopped.signal.aborted) throw error;
}

async function show(): Promise<void> {
  say(`three devices: ${mesh.devices.map(({ name }, index) => `${name} with ${QUOTAS[index]} cores`).join(', ')}`);
  say(`\n1. What they do is measured, with other models than the one that will run (${MODELS})\n`);
  await command(['profile', 'collect', ...place, '--models', MODELS, '--segments', '2', '--kernels', '120', '--iterations', '1']);
  say('\n2. resnet50 was never measured; what it would take is predicted\n');
  await command(['profile', 'predict', 'resnet50', ...place]);
  say(`\n3. It is planned from that and run; after ${CUT_AFTER_MS / 1000} s ${LOSER} gets a third of its quota\n`);
  const ended = command(['run', '--split', 'resnet50@auto', '--frames', `${FRAMES}`, '--verify', 'off', ...place]);
  const cut = pause(CUT_AFTER_MS, undefined, { signal: stopped.signal }).then(() => {
    cutQuota(mesh.pidOf(LOSER), 1 / 3);
    say(`\n>> ${LOSER} has a third of its quota now\n`);
  });
  await Promise.all([ended, cut]);
  say('\n4. What is predicted now, for the devices as they are\n');
  await command(['profile', 'predict', 'resnet50', ...place]);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Of the controller, as a person would type it. Rejects when it fails. */
async function command(argv: readonly string[]): Promise<void> {
  stopped.signal.throwIfAborted();
  const child = spawn(controller, argv, { stdio: 'inherit', env });
  const end = (): boolean => stopped.signal.reason === 'SIGTERM' && child.kill('SIGTERM');
  stopped.signal.addEventListener('abort', end);
  const code = await new Promise((resolve) => child.once('close', resolve));
  stopped.signal.removeEventListener('abort', end);
  if (code !== 0) throw new Error(`controller ${argv[0]} ended with ${String(code)}`);
}

/** Whoever manages the machine gives a device less. Its group is above that of the agent's own process. */
function cutQuota(pid: number, factor: number): void {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const [, v1] = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups) ?? [];
  const folder = v1 === undefined ? `/sys/fs/cgroup${/^0::(.*)$/m.exec(groups)![1]}` : `/sys/fs/cgroup/cpu${v1}`;
  const file = join(dirname(folder), v1 === undefined ? 'cpu.max' : 'cpu.cfs_quota_us');
  if (!existsSync(file)) throw new Error(`there is no quota at ${file}`);
  const [quota, ...period] = readFileSync(file, 'utf8').trim().split(' ');
  writeFileSync(file, [Math.round(Number(quota) * factor), ...period].join(' '));
}
