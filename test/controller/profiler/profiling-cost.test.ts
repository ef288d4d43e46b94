/** What the runtime's profiler adds to kernels is found from models that were timed without it, too. */
import test from 'ava';
import { type ProfiledWhole, profilingUs } from '../../../controller/profiler/profiling-cost.ts';
import { normal } from '../../../mesh/normal.ts';
import { Random } from '../../../mesh/random.ts';

const random = new Random(5);

function wholes(costUs: number, count = 40): ProfiledWhole[] {
  return Array.from({ length: count }, (_, index) => {
    const kernels = Array.from({ length: 4 + ((7 * index) % 60) }, () => {
      const us = 3 * 200 ** random.next();
      return { name: 'k', operator: 'Conv', inputs: [], outputs: [], us: us + costUs, own: us };
    });
    const sumMs = kernels.reduce((sum, { own }) => sum + own, 0) / 1000;
    const bytes = 1000 * (1 + (index % 9));
    return { kernels, ms: (1.05 * sumMs + 0.02 + 3e-7 * bytes) * Math.exp(0.03 * normal(random)), bytes };
  });
}

test('the cost is found, and none where there is none', (t) => {
  for (const costUs of [5, 12]) {
    const found = profilingUs(wholes(costUs));
    t.true(Math.abs(found - costUs) < 1, `${found} of ${costUs}`);
  }
  t.true(profilingUs(wholes(0)) < 1);
});

test('too few say nothing', (t) => {
  t.is(profilingUs(wholes(12, 9)), 0);
  t.is(profilingUs([]), 0);
});
