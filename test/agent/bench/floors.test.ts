import test from 'ava';
import fc from 'fast-check';
import { belowFloor } from '../../../agent/bench/floors.ts';

const machine = { cores: 4, pageBytes: 4096 };
const MIB = 2 ** 20;

test('what the kernel can keep is not below the floor', (t) => {
  t.is(belowFloor({}, machine), undefined);
  const limits = { cpuQuotaCores: 0.001, memoryLimitBytes: MIB, memoryHighBytes: MIB, swapBytes: 0, cpus: '0,2-3', pids: 1 };
  t.is(belowFloor(limits, machine), undefined);
});

for (const [title, limits, reason] of [
  ['a quota of less than a thousandth', { cpuQuotaCores: 0.0009 }, /0\.0009 cores.*least is 0\.001.*1 ms/],
  ['memory that a batch for each CPU uses up', { memoryLimitBytes: MIB - 1 }, /least is 1 MiB.*64 pages.*4 CPUs/],
  ['the same for the threshold of slowing down', { memoryHighBytes: 4096, memoryLimitBytes: 64 * MIB }, /4 KiB.*least is 1 MiB/],
  ['slowing down above the end', { memoryHighBytes: 3 * MIB, memoryLimitBytes: 2 * MIB }, /above 3 MiB.*at 2 MiB it is killed/],
  ['CPUs that are not there', { cpus: '2-4' }, /2-4.*has CPUs 0-3/],
  ['CPUs in the wrong order', { cpus: '3-1' }, /no list of CPUs/],
  ['more CPUs than there can be', { cpus: '0-99999' }, /no list of CPUs/],
  ['nobody', { pids: 0 }, /at most 0.*least is 1/],
] as const) {
  test(`refused: ${title}`, (t) => t.regex(belowFloor(limits, machine) ?? '', reason));
}

test('a larger limit is never refused where a smaller one is not', (t) => {
  fc.assert(
    fc.property(fc.nat(64 * MIB), fc.nat(64 * MIB), fc.integer({ min: 1, max: 128 }), (bytes, more, cores) => {
      const refused = (memoryLimitBytes: number) => belowFloor({ memoryLimitBytes }, { cores, pageBytes: 4096 }) !== undefined;
      return refused(bytes) || !refused(bytes + more);
    }),
  );
  t.pass();
});
