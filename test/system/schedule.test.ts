import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const large = fileURLToPath(new URL('../fixtures/instances/l01-layered100-p8.json', import.meta.url));

/** Processor time a process has used, in hundredths of a second. */
function cpuTicks(pid: number): number {
  // The name in parentheses may hold anything; user and system time are the 14th and 15th field of all.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test.serial('a search can be interrupted at any time', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const controller = mesh.startController(['schedule', '--instance', large, '--time-limit', '600000']);
  // Longer than it takes to start: by now it computes without a pause.
  await waitUntil('the search is at work', () => cpuTicks(controller.pid) > 300, 60_000);
  controller.signal('SIGINT');
  t.is((await controller.exit).signal, 'SIGINT');
});
