import test from 'ava';
import { BufferSweep } from '../../mesh/buffer-sweep.ts';

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

test.serial('buffers that were dropped are freed after every few megabytes', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const unswept = peakBytes(64, () => {}) - before;
  const sweep = new BufferSweep('frames');
  sweep.moved(MIB);
  const swept = peakBytes(64, () => sweep.moved(MIB)) - process.memoryUsage().arrayBuffers;
  t.true(swept <= 3 * MIB, `${swept} bytes were never more than a few frames`);
  t.true(unswept > 2 * swept, `without it the collector lets ${unswept} bytes pile up: the comparison is worth something`);
});

test.serial('nothing is collected before enough has passed', (t) => {
  const sweep = new BufferSweep('sentFile');
  const before = process.memoryUsage().arrayBuffers;
  peakBytes(3, () => sweep.moved(MIB));
  t.true(process.memoryUsage().arrayBuffers - before >= 3 * MIB);
  sweep.moved(MIB);
  t.true(process.memoryUsage().arrayBuffers - before < MIB);
});
