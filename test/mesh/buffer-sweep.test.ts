import test from 'ava';
import { BufferSweep } from '../../mesh/buffer-sweep.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const MIB = 1024 ** 2;

/** The most that lies in buffers outside the heap while `frames` buffers of 1 MiB pass and are dropped at once. */
function peakBytes(frames: number, onFrame: () => void): number {
  let peak = 0;
  for (let frame = 0; frame < frames; frame++) {
    new Uint8Array(MIB).fill(1);
    onFrame();
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  return peak;
}

// V8 gives collected buffers back on a thread of its own: how soon depends on how busy the machine is, so nothing here counts on "at once",
// and the test that leaves garbage behind is the last.

test.serial('nothing is collected before enough has passed', async (t) => {
  const sweep = new BufferSweep('sentFile');
  const before = process.memoryUsage().arrayBuffers;
  peakBytes(3, () => sweep.moved(MIB));
  t.true(process.memoryUsage().arrayBuffers - before >= 3 * MIB);
  sweep.moved(MIB);
  await waitUntil('the buffers are freed', () => process.memoryUsage().arrayBuffers - before < MIB);
  t.pass();
});

test.serial('buffers that were dropped are freed after every few megabytes', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const sweep = new BufferSweep('frames');
  const swept = peakBytes(64, () => sweep.moved(MIB)) - before;
  const unswept = peakBytes(64, () => {}) - before;
  t.true(unswept > 2 * swept, `${unswept} bytes pile up without it, ${swept} with it`);
});
