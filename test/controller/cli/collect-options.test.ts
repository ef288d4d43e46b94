import test from 'ava';
import { parseEmulated, parseLoads, parseModels, parseThreadCounts } from '../../../controller/cli/collect-options.ts';
import { jobLine } from '../../../controller/cli/job-bar.ts';
import { zoo } from '../../../partition/zoo/catalogue.ts';

const usage = (message: RegExp) => ({ code: 'usage', message });

test('emulated devices have a share of the CPU, and memory', (t) => {
  t.deepEqual(parseEmulated(undefined), [{ name: 'local1', emulated: {} }]);
  t.deepEqual(parseEmulated('q1=1,q06=0.6:2GiB'), [
    { name: 'q1', emulated: { quotaCores: 1 } },
    { name: 'q06', emulated: { quotaCores: 0.6, memoryBytes: 2 ** 31 } },
  ]);
  t.throws(() => parseEmulated('a=1,a=2'), usage(/a was given twice/));
  t.throws(() => parseEmulated('a=0'), usage(/above 0/));
  t.throws(() => parseEmulated('a=1:much'), usage(/--emulate/));
  t.throws(() => parseEmulated('../a=1'), usage(/--emulate/));
  t.throws(() => parseEmulated('a'), usage(/NAME=CORES/));
});

test('loads are levels, or five of a range', (t) => {
  t.deepEqual(parseLoads('0', 2), [{ cores: 0, duty: 0 }]);
  t.deepEqual(parseLoads('0,50%', 2), [
    { cores: 0, duty: 0 },
    { cores: 2, duty: 0.5 },
  ]);
  t.deepEqual(
    parseLoads('0..80%', 1).map(({ duty }) => duty),
    [0, 0.2, 0.4, 0.6, 0.8],
  );
  t.deepEqual(
    parseLoads('20%..60%', 1).map(({ duty }) => duty),
    [0.2, 0.3, 0.4, 0.5, 0.6],
  );
  for (const wrong of ['50', '101%', 'x', '', '80%..0', '50%,50%']) t.throws(() => parseLoads(wrong, 1), { code: 'usage' }, wrong);
});

test('models: the zoo, names, files', (t) => {
  t.deepEqual(
    parseModels(undefined),
    zoo.map(({ name }) => name),
  );
  t.deepEqual(parseModels('lenet,./a.onnx'), ['lenet', './a.onnx']);
  t.throws(() => parseModels('zoo,lenet'), usage(/lenet was given twice/));
});

test('threads: numbers, or as many as the device likes', (t) => {
  t.deepEqual(parseThreadCounts('auto,1,4'), [0, 1, 4]);
  t.throws(() => parseThreadCounts('0'), usage(/at least 1/));
});

test('a line of progress says how much is left, and fits', (t) => {
  const progress = { done: 30, total: 100, before: 10, elapsedMs: 20_000, label: 'q06' };
  t.is(jobLine(progress, 80), '██████░░░░░░░░░░░░░░   30 %  30 of 100  q06  1:10');
  t.is([...jobLine(progress, 20)].length, 19);
  t.is(jobLine({ ...progress, done: 10 }, 80), '██░░░░░░░░░░░░░░░░░░   10 %  10 of 100  q06', 'nothing is known yet');
});
