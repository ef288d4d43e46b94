/**
 * The program of a background load: `main CORES DUTY`. A thread spins for each core, on whatever core the kernel puts it; this one only waits for its standard
 * input to close, which the kernel does also when the agent is killed, and ends with all of them.
 */
import process from 'node:process';
import { isMainThread, threadId, Worker } from 'node:worker_threads';
import { Random } from '../../../mesh/random.ts';
import { spin } from './spin.ts';

const [, , cores = '1', duty = '1'] = process.argv;

if (isMainThread) {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
  process.on('SIGINT', () => {});
  const online = Array.from({ length: Number(cores) }, () => {
    const worker = new Worker(new URL(import.meta.url), { argv: [cores, duty] });
    worker.on('error', () => process.exit(1));
    return new Promise((resolve) => worker.once('online', resolve));
  });
  await Promise.all(online);
  // The agent waits for it.
  process.stdout.write('spinning\n');
} else {
  const still = new Int32Array(new SharedArrayBuffer(4));
  spin(Number(duty), {
    now: () => performance.now(),
    sleep: (ms) => void Atomics.wait(still, 0, 0, ms),
    random: new Random(threadId),
  });
}
