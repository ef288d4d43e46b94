/** `controller profile serve` with a real mesh, until it is interrupted: what it knows of devices, and that nothing is guessed. */
import { Readable } from 'node:stream';
import test from 'ava';
import type { Io } from '../../controller/cli/command.ts';
import { profileServeCommand } from '../../controller/cli/profile-serve.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { freePort, takenPort } from '../helpers/ports.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { waitUntil } from '../helpers/wait-until.ts';

interface Running {
  readonly exit: Promise<number>;
  readonly said: { stdout: string; stderr: string };
  interrupt(): void;
  url(): Promise<string>;
}

function start(argv: readonly string[]): Running {
  const interrupted = new AbortController();
  const said = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    ...{ terminal: false, columns: 80, tableColumns: 80, env: {}, signal: interrupted.signal, stdin: Readable.from([]) },
    now: () => performance.now(),
    wallClock: () => Date.now(),
  };
  const exit = profileServeCommand.run(argv, io);
  return {
    exit,
    said,
    interrupt: () => interrupted.abort(),
    url: () => waitUntil('where it listens', () => /^(http:\S+)\n/.exec(said.stdout)?.[1] ?? false),
  };
}

const request = {
  ...{ model: 'm', conv_layers: 1, pool_layers: 1, fc_layers: 1, filter_details: 1 },
  ...{ total_parameters: 1, model_input_size: 1, model_output_size: 1 },
};

async function ask(
  url: string,
): Promise<{ readonly status: number; readonly message: string; readonly left_out?: readonly { node: string }[] }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/profiling`, { method: 'POST', headers, body: JSON.stringify(request) });
  return { ...((await response.json()) as { message: string }), status: response.status };
}

test.serial('devices are those of the mesh; one that falls silent is stale, and nothing is guessed', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }] });
  const serving = start(['--port', '0', '--nats', mesh.nats!.url, '--stale-after', '2', '--data', await tempFolder(t)]);
  const url = await serving.url();
  // Its first heartbeat has no CPU use yet; after that it is the profiler that has nothing to say.
  await waitUntil(
    'a state',
    async () => (await ask(url)).message === 'nothing was measured yet that times could be predicted from',
    20_000,
  );
  mesh.agent('a').process.stop();
  const stale = await waitUntil('staleness', async () => {
    const answer = await ask(url);
    return answer.left_out === undefined ? false : answer;
  });
  t.like(stale, { status: 503, message: 'of no device the present state is known well enough', left_out: [{ node: 'a' }] });
  mesh.agent('a').process.continue();
  await mesh.agent('a').process.end();
  await waitUntil('its goodbye', async () => (await ask(url)).message === 'no device is known');
  serving.interrupt();
  t.is(await serving.exit, 0);
  await t.throwsAsync(fetch(url));
  t.is(serving.said.stderr, '');
});

test.serial('a Prometheus that is not there is said with each answer', async (t) => {
  const serving = start(['--port', '0', '--prometheus', `http://127.0.0.1:${await freePort()}`]);
  const answer = await ask(await serving.url());
  t.is(answer.status, 503);
  t.regex(
    answer.message,
    /^the state of the devices is not known: the Prometheus at http:\/\/127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED/,
  );
  serving.interrupt();
  t.is(await serving.exit, 0);
});

test.serial('what can not be served is an error before anything listens', async (t) => {
  const port = await takenPort(t);
  const refused: readonly (readonly [argv: readonly string[], code: string, message: RegExp])[] = [
    [[], 'usage', /neither a mesh nor a Prometheus is named/],
    [['--prometheus', 'h:9090'], 'usage', /not an http URL/],
    [['--prometheus', 'http://h', '--nats', 'nats://h'], 'usage', /from one of them/],
    [['--prometheus', 'http://h', '--port', '70000'], 'usage', /more than 65535/],
    [['--prometheus', 'http://h', '--max-model', 'much'], 'usage', /not an amount of memory/],
    [['--prometheus', 'http://h', '--stale-after', '0'], 'usage', /not a number above 0/],
    [['--prometheus', 'http://h', '--port', String(port)], 'conflict', /the port is in use/],
  ];
  for (const [argv, code, message] of refused) await t.throwsAsync(start(argv).exit, { code, message });
});
