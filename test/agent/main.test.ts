/** The agent as a process: its command line, its log, its signals. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { realCgroupFiles } from '../../agent/cgroup/cgroup-files.ts';
import { detectHierarchies } from '../../agent/cgroup/detect.ts';
import { type LeakWatch, watchLeaks } from '../helpers/leaks.ts';
import { isRoot, needs } from '../helpers/privileges.ts';
import { runProcess, startProcess, type TestProcess } from '../helpers/processes.ts';
import { agentProgram } from '../helpers/repository.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const noGroups = !isRoot
  ? 'needs root'
  : detectHierarchies(realCgroupFiles()).length === 0
    ? 'needs cgroups with cpu and memory controllers'
    : undefined;

interface Surroundings {
  readonly leaks: LeakWatch;
  readonly data: string;
}

async function surroundings(t: ExecutionContext): Promise<Surroundings> {
  return { leaks: await watchLeaks(t), data: join(await tempFolder(t), 'data') };
}

const command = (...args: readonly string[]) => [process.execPath, agentProgram, ...args];

async function start(t: ExecutionContext, { leaks, data }: Surroundings, ...args: readonly string[]): Promise<TestProcess> {
  const agent = startProcess(t, command('--listen', '127.0.0.1:0', '--name', 'dev', '--data', data, ...args), { env: leaks.env });
  await agent.line(/"msg":"listening"/);
  return agent;
}

async function run(t: ExecutionContext, { leaks }: Surroundings, ...args: readonly string[]) {
  return runProcess(t, command(...args), { env: leaks.env });
}

test.serial('help and version go to stdout', async (t) => {
  const around = await surroundings(t);
  const help = await run(t, around, '--help');
  t.deepEqual([help.code, help.stderr], [0, '']);
  t.regex(help.stdout, /^Usage: agent/);
  t.true(help.stdout.split('\n').every((line) => line.length <= 140));
  const version = await run(t, around, '--version');
  t.is(version.stdout, `splitmesh ${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
});

test.serial('metrics are there while the agent is; an address that is taken is an error', async (t) => {
  const around = await surroundings(t);
  const agent = await start(t, around, '--metrics', '127.0.0.1:0');
  const [, address] = await agent.line(/"metrics":"([^"]+)"/);
  const text = await (await fetch(`http://${address}/metrics`)).text();
  t.regex(text, /^splitmesh_agent_stages 0$/m);
  t.regex(text, /^char_node_device_model\{char_node_name="dev",/m);
  const other = join(await tempFolder(t), 'data');
  const second = await run(t, around, '--listen', '127.0.0.1:0', '--data', other, '--metrics', address!);
  t.is(second.code, 1);
  t.regex(second.stderr, /agent: error: can't listen on .*: the port is in use\nagent: hint: .*--metrics/);
  t.deepEqual(await agent.end(), { code: 0, signal: null });
  await t.throwsAsync(fetch(`http://${address}/metrics`));
});

test.serial('usage errors: all at once, with a hint, exit code 2', async (t) => {
  const around = await surroundings(t);
  const file = join(await tempFolder(t), 'agent.toml');
  await writeFile(file, 'nmae = "x"\nmemory = true\n');
  const { code, stdout, stderr } = await run(t, around, '--config', file, '--cpu-quota', 'much');
  t.deepEqual([code, stdout], [2, '']);
  const lines = stderr.trimEnd().split('\n');
  t.is(lines.filter((line) => line.startsWith('agent: error: ')).length, 3);
  t.regex(lines.at(-1) ?? '', /^agent: hint: /);
  const unknown = await run(t, around, '--nmae', 'x');
  t.like(unknown, { code: 2, stderr: 'agent: error: there is no option --nmae\nagent: hint: did you mean --name?\n' });
  const small = await run(t, around, '--memory', '12');
  t.is(small.code, 2);
  t.regex(small.stderr, /^agent: error: --memory: 12 bytes are too little for an agent: expected at least 32 MiB$/m);
  t.is((await run(t, around, '--config', '/nowhere')).code, 2);
  t.is((await run(t, around, '--listen', '0.0.0.0:0')).code, 2);
});

test.serial('every line of the log is JSON, and one says where it listens', async (t) => {
  const agent = await start(t, await surroundings(t));
  await agent.end();
  const lines = agent.stderr.lines.map((line) => JSON.parse(line));
  const listening = lines.find(({ msg }) => msg === 'listening');
  t.regex(listening.address, /^127\.0\.0\.1:\d+$/);
  t.is(listening.device, 'dev');
  t.is(agent.stdout.text, '');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(`${signal} ends an idle agent in order`, async (t) => {
    const around = await surroundings(t);
    const agent = await start(t, around);
    t.deepEqual(await agent.kill(signal), { code: 0, signal: null });
    t.regex(agent.stderr.text, /"msg":"stopped"/);
    t.false(existsSync(join(around.data, 'agent.lock')));
  });
}

test.serial('an agent can end with its standard input', async (t) => {
  const agent = await start(t, await surroundings(t), '--exit-with-stdin');
  agent.stdin.end();
  t.deepEqual(await agent.exit, { code: 0, signal: null });
});

test.serial('an agent that can not start ends, also while its standard input stays open', async (t) => {
  const { leaks } = await surroundings(t);
  const agent = startProcess(t, command('--listen', '127.0.0.1:0', '--data', '/proc/nowhere', '--exit-with-stdin'), { env: leaks.env });
  t.deepEqual(await agent.exit, { code: 1, signal: null });
});

test.serial('without being asked to, an agent does not care about its standard input', async (t) => {
  const agent = await start(t, await surroundings(t));
  agent.stdin.end();
  agent.signal('SIGTERM');
  await agent.exit;
  t.regex(agent.stderr.text, /"how":"SIGTERM"/);
});

test.serial('a port in use is said so, exit code 1', async (t) => {
  const around = await surroundings(t);
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  t.teardown(() => new Promise<void>((resolve) => taken.close(() => resolve())));
  const { code, stderr } = await run(t, around, '--listen', `127.0.0.1:${port}`, '--data', around.data);
  t.is(code, 1);
  t.regex(stderr, new RegExp(`agent: error: can't listen on 127.0.0.1:${port}: the port is in use`));
  t.regex(stderr, /agent: hint: /);
  t.false(existsSync(join(around.data, 'agent.lock')));
});

test.serial('a data folder in use, or that can not be written, is said so, exit code 1', async (t) => {
  const around = await surroundings(t);
  await start(t, around);
  const second = await run(t, around, '--listen', '127.0.0.1:0', '--data', around.data);
  t.is(second.code, 1);
  t.regex(second.stderr, /in use by the agent with process id \d+/);
  const unwritable = await run(t, around, '--listen', '127.0.0.1:0', '--data', '/proc/nowhere');
  t.is(unwritable.code, 1);
  t.regex(unwritable.stderr, /can't be written/);
});

test.serial('a killed agent leaves a lock that the next one takes over, and stage folders that it removes', async (t) => {
  const around = await surroundings(t);
  const first = await start(t, around);
  await first.kill('SIGKILL');
  t.true(existsSync(join(around.data, 'agent.lock')));
  await mkdir(join(around.data, 'stages', 'old-stage-1'), { recursive: true });
  await start(t, around);
  t.false(existsSync(join(around.data, 'stages')));
});

test.serial('without a NATS server the agent works and keeps trying', async (t) => {
  const agent = await start(t, await surroundings(t), '--nats', 'nats://127.0.0.1:1');
  t.deepEqual(await agent.kill('SIGTERM'), { code: 0, signal: null });
});

test.serial('--insecure is warned about', async (t) => {
  const agent = await start(t, await surroundings(t), '--insecure');
  t.true(agent.stderr.lines.some((line) => JSON.parse(line).level === 'warn' && line.includes('--insecure')));
});

needs(test.serial, noGroups)('limits hold for the agent itself, and its groups are gone when it is', async (t) => {
  const around = await surroundings(t);
  const agent = await start(t, around, '--cpu-quota', '0.5', '--memory', '512MiB');
  const own = readFileSync(`/proc/${agent.pid}/cgroup`, 'utf8');
  t.regex(own, new RegExp(`splitmesh-dev-${agent.pid}/agent`));
  await agent.end();
  const [hierarchy] = detectHierarchies(realCgroupFiles());
  t.false(hierarchy!.children('').includes(`splitmesh-dev-${agent.pid}`));
});

needs(test.serial, noGroups)('groups that a killed agent left behind are removed by the next one', async (t) => {
  const around = await surroundings(t);
  const first = await start(t, around);
  const [hierarchy] = detectHierarchies(realCgroupFiles());
  // Asked before the end: an agent of another test that starts after it may be the next one.
  t.true(hierarchy!.children('').includes(`splitmesh-dev-${first.pid}`));
  await first.kill('SIGKILL');
  const second = await start(t, around);
  t.false(hierarchy!.children('').includes(`splitmesh-dev-${first.pid}`));
  await second.end();
});
