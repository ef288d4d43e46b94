import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { notify } from '../../../controller/cli/notify.ts';
import type { Alerts } from '../../../controller/descriptor/descriptor.ts';
import type { AlarmRecord } from '../../../controller/task/alarm-record.ts';
import { freePort } from '../../helpers/ports.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { alarmRecord } from '../task/task-fixture.ts';

async function told(whom: Partial<Alerts>, record: AlarmRecord = alarmRecord(), patienceMs = 10_000): Promise<string[]> {
  const said: string[] = [];
  await notify('raised', record, { command: undefined, webhook: undefined, ...whom }, (message) => said.push(message), patienceMs);
  return said;
}

const node = (script: string, ...words: string[]) => [process.execPath, '-e', script, ...words];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function served(t: Scope, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

test('a program gets the alarm as one line of JSON', async (t) => {
  const file = join(await tempFolder(t), 'heard');
  t.deepEqual(await told({ command: node('process.stdin.pipe(require("fs").createWriteStream(process.argv[1]))', file) }), []);
  const heard = await readFile(file, 'utf8');
  t.regex(heard, /^[^\n]+\n$/);
  t.like(JSON.parse(heard), { event: 'raised', id: 'a1', kind: 'change-point', size: 1.5, unit: 'ms', series: { metric: 'wall' } });
  t.regex(JSON.parse(heard).text, /^b wall on pi1 changed by \+50\.0 % since task t5, p 0\.0010$/);
});

test('a web server gets the same', async (t) => {
  const heard: unknown[] = [];
  const url = await served(t, async (request, response) => {
    heard.push(request.method, request.headers['content-type'], JSON.parse(await text(request)).id);
    response.end('thanks');
  });
  t.deepEqual(await told({ webhook: url }), []);
  t.deepEqual(heard, ['POST', 'application/json', 'a1']);
});

for (const [what, command, words] of [
  ['does not read its input', node('process.stdin.destroy()'), undefined],
  ['fails', node('process.exit(3)'), /could not be told of alarm a1: it ended with exit code 3$/],
  ['is killed', node('process.kill(process.pid, "SIGTERM")'), /it ended with SIGTERM$/],
  ['does not exist', ['/nothing/there'], /^warning: \/nothing\/there could not be told .*ENOENT/],
  ['can not be one', ['nul\0'], /could not be told/],
] as const) {
  test(`a program that ${what}: ${words === undefined ? 'is no matter' : 'is said'}`, async (t) => {
    // Larger than what a pipe holds.
    const record = {
      ...alarmRecord(),
      confirmation: { outcome: 'unsure' as const, reason: 'x'.repeat(300_000), attempts: 1, oldAgain: [], newAgain: [] },
    };
    const said = await told({ command }, record);
    t.is(said.length, words === undefined ? 0 : 1);
    if (words !== undefined) t.regex(said[0]!, words);
  });
}

test('a program that hangs is killed', async (t) => {
  const file = join(await tempFolder(t), 'pid');
  const script =
    'require("fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000); process.on("SIGTERM", () => {})';
  const said = await told({ command: node(script, file) }, alarmRecord(), 4_000);
  t.is(said.length, 1);
  t.regex(said[0]!, /it took longer than 4 s$/);
  const pid = Number(await readFile(file, 'utf8'));
  await waitUntil('it is gone', () => !isAlive(pid));
  t.false(isAlive(pid));
});

test('a web server that fails, says nothing, or is not there: is said', async (t) => {
  const broken = await served(t, (_request, response) => {
    response.writeHead(500);
    response.end();
  });
  t.regex((await told({ webhook: broken }))[0]!, /could not be told of alarm a1: it answers with status 500$/);
  const silent = await served(t, () => {});
  t.regex((await told({ webhook: silent }, alarmRecord(), 100))[0]!, /it took longer than 0\.1 s$/);
  t.regex((await told({ webhook: `http://127.0.0.1:${await freePort()}/` }))[0]!, /ECONNREFUSED/);
  const round = await served(t, (request, response) => {
    response.writeHead(302, { location: request.url! });
    response.end();
  });
  t.regex((await told({ webhook: round }))[0]!, /redirect/);
});

test('each of both is told, whatever becomes of the other', async (t) => {
  let heard = 0;
  const url = await served(t, (_request, response) => {
    heard += 1;
    response.end();
  });
  t.is((await told({ webhook: url, command: ['/nothing/there'] })).length, 1);
  t.is(heard, 1);
  t.deepEqual(await told({}), []);
});

test('an alarm from nothing to something is told, too', async (t) => {
  const { alarm } = alarmRecord();
  const url = await served(t, async (request, response) => {
    t.regex(JSON.parse(await text(request)).text, /changed by 0 → 5\.00 ms since/);
    response.end();
  });
  t.deepEqual(
    await told({ webhook: url }, { ...alarmRecord(), alarm: { ...alarm, before: 0, after: 5, size: Number.POSITIVE_INFINITY } }),
    [],
  );
});
