/** A benchmark that gets worse, three times over: the program is to blame, then the device; then it is good again. Each is confirmed by measuring again. */

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import type { AlarmRecord } from '../../controller/task/alarm-record.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, { agents: [{ name: 'lab', args: ['--allow-commands'] }] });

/** Enough before a step for change points, and after it. */
const BEFORE = 10;
const AFTER_MAX = 8;

interface Told {
  readonly event: string;
  readonly kind: string;
  readonly firstBad: string;
  readonly confirmation: { readonly outcome: string } | null;
}

/** A program that takes as long as `work.txt`, which comes along, and a file of the device say together; and a webhook. */
test.serial('program, device, and back: one alarm for each, confirmed by old and new in turns', async (t) => {
  t.timeout(400_000);
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      told.push(JSON.parse(body) as Told);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const folder = join(shared.mesh.folder, 'watched');
  await mkdir(folder);
  const device = join(folder, 'device.txt');
  // Noise of one per cent that is the same in each run of the test: a counter on the device.
  const program = `
    const { readFileSync, writeFileSync } = require('node:fs');
    const at = +readFileSync('${join(folder, 'count.txt')}', 'utf8');
    writeFileSync('${join(folder, 'count.txt')}', String(at + 1));
    const noise = 1 + 0.01 * Math.sin(at * 12.9898);
    console.log(JSON.stringify({ metric: 'work', value: +readFileSync('work.txt', 'utf8') * +readFileSync('${device}', 'utf8') * noise }));`;
  const file = join(folder, 'watched.toml');
  await writeFile(join(folder, 'count.txt'), '0');
  await writeFile(join(folder, 'work.txt'), '100');
  await writeFile(device, '1');
  await writeFile(join(folder, 'program.cjs'), program);
  await writeFile(
    file,
    `[info]
     description = "watched"
     [ml]
     workload = [${JSON.stringify(process.execPath)}, "program.cjs"]
     [[data.sources]]
     src = "program.cjs"
     [[data.sources]]
     src = "work.txt"
     [[output.metrics]]
     name = "work"
     units = "ms"
     [alerts]
     confirm = 4
     webhook = "http://127.0.0.1:${(server.address() as AddressInfo).port}/"`,
  );
  const data = ['--data', join(shared.mesh.folder, 'data')];
  const run = async (): Promise<number | null> => (await shared.mesh.runController(['bench', 'run', file, ...data])).code;
  const alarms = async (): Promise<AlarmRecord[]> => {
    const { stdout } = await shared.mesh.runController(['bench', 'alarms', 'watched', '--all', '--json', ...data]);
    return (JSON.parse(stdout) as AlarmRecord[]).filter(({ series }) => series.metric === 'work');
  };
  const untilAlarm = async (): Promise<number> => {
    for (let count = 1; count <= AFTER_MAX; count += 1) if ((await run()) === 3) return count;
    return t.fail(`no alarm within ${AFTER_MAX} runs: ${JSON.stringify(await alarms())}`) as never;
  };
  const ofWork = (): Told[] => told.filter(({ firstBad }) => firstBad !== undefined && told.length > 0);

  for (let count = 0; count < BEFORE; count += 1) t.is(await run(), 0);
  t.deepEqual(await alarms(), []);

  await writeFile(join(folder, 'work.txt'), '130');
  t.true((await untilAlarm()) <= 6);
  const [first] = await alarms();
  t.like(first!.alarm, { state: 'open', kind: 'change-point' });
  t.true(Math.abs(first!.alarm.size - 1.3) < 0.03, `${first!.alarm.size}`);
  t.is(first!.confirmation!.outcome, 'confirmed', first!.confirmation!.reason);
  t.true(ofWork().some(({ event, confirmation }) => event === 'raised' && confirmation?.outcome === 'confirmed'));
  // The same change is no second alarm.
  t.is(await run(), 0);
  t.is((await alarms()).length, 1);

  await writeFile(join(folder, 'work.txt'), '100');
  for (let count = 0; count < AFTER_MAX && (await alarms())[0]!.alarm.state !== 'fixed'; count += 1) await run();
  t.is((await alarms())[0]!.alarm.state, 'fixed');
  t.true(ofWork().some(({ event }) => event === 'fixed'));

  for (let count = 0; count < BEFORE / 2; count += 1) await run();
  await writeFile(device, '1.4');
  await untilAlarm();
  const second = (await alarms()).find(({ alarm }) => alarm.state === 'open');
  t.is(second?.confirmation?.outcome, 'environment', second?.confirmation?.reason);
  const listed = await shared.mesh.runController(['bench', 'alarms', ...data]);
  t.is(listed.code, 3);
  t.regex(listed.stdout, /the device changed, not the program/);
});
