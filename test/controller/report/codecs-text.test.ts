import test from 'ava';
import type { BreachReport, CodecChangeReport, CodecOptionReport, CodecsReport } from '../../../controller/codec/codec-report.ts';
import { codecsText } from '../../../controller/report/codecs-text.ts';

const option: CodecOptionReport = {
  codec: 'none',
  lossless: true,
  ratio: 1,
  encodeMs: 0,
  decodeMs: 0,
  linkMs: 321.1,
  periodMs: 321.1,
  error: null,
  withinBudget: true,
};
const int8 = { codec: 'int8', lossless: false, ratio: 0.214, encodeMs: 1.62, decodeMs: 0.51, linkMs: 68.7, periodMs: 70.2 };
const report: CodecsReport = {
  objective: 'throughput',
  budget: 'top1>=99.5%,max-abs<=0.01',
  shadows: { every: 20, compared: { frames: 10, sameTop1: 9, maxAbs: 0.0375 }, breaches: [] },
  routes: [
    { from: 'source', to: 'stage1', codec: 'none', linkMBPerS: null, rawBytes: null, options: [] },
    {
      from: 'stage1',
      to: 'stage2',
      codec: 'int8',
      linkMBPerS: 1.25,
      rawBytes: 401_408,
      options: [
        { ...option, ...int8, error: { frames: 8, sameTop1: 8, maxAbs: 0.00123 } },
        option,
        { ...option, codec: 'blosc2', ratio: 0.61, encodeMs: 2.5, decodeMs: null, linkMs: 196, periodMs: 196 },
        { ...option, ...int8, codec: 'int4', ratio: 0.09, error: { frames: 8, sameTop1: 5, maxAbs: null }, withinBudget: false },
        { ...option, ...int8, codec: 'trunc:3', ratio: 0.4, error: null, withinBudget: false },
      ],
    },
  ],
  changes: [{ frame: 61, from: 'stage1', to: 'stage2', was: 'int6', now: 'int8', why: 'frame 59 was outside of the budget' }],
};
const breach = (frame: number): BreachReport => ({ frame, sinceFrame: frame - 20, maxAbs: 0.5, sameTop1: false });

test('a route with a choice has a table, largest first; then what changed and what shadow frames showed', (t) => {
  t.deepEqual(codecsText(report, 100), [
    '',
    'codecs stage1 → stage2: 392 KiB a frame, link 1.25 MB/s',
    'CODEC    RATIO  ENCODE  DECODE  LINK  PERIOD       MAX ERROR  TOP-1',
    'none     100 %       0       0   321     321               0',
    'blosc2    61 %    2.50       –   196     196               0',
    'trunc:3   40 %    1.62    0.51  68.7    70.2               –      –  over budget',
    'int8      21 %    1.62    0.51  68.7    70.2          0.0012  100 %  ◀ used',
    'int4       9 %    1.62    0.51  68.7    70.2  not comparable   63 %  over budget',
    '',
    'codecs       frame 61: stage1 → stage2 from int6 to int8: frame 59 was outside of the budget',
    'error budget top1>=99.5%,max-abs<=0.01; 10 compared (1 in 20): max error 0.037, top-1 same in 90 %',
  ]);
  t.deepEqual(codecsText({ ...report, routes: [] }, 80), [
    'codecs       frame 61: stage1 → stage2 from int6 to int8: frame 59 was outside',
    '             of the budget',
    'error budget top1>=99.5%,max-abs<=0.01; 10 compared (1 in 20): max error 0.037,',
    '             top-1 same in 90 %',
  ]);
});

test('in 80 columns nothing is longer', (t) => {
  const long = { ...report, shadows: { ...report.shadows!, breaches: [breach(1_000_059), breach(1_000_159)] } };
  for (const line of codecsText(long, 80)) t.true([...line].length <= 80, `${[...line].length}: ${line}`);
});

test('of many changes and breaches the first are told, and how many there are', (t) => {
  const changes = Array.from({ length: 9 }, (_, index): CodecChangeReport => ({ ...report.changes[0]!, frame: index }));
  const breaches = [19, 39, 59, 79, 99, 119].map(breach);
  const lines = codecsText({ ...report, routes: [], changes, shadows: { ...report.shadows!, breaches } }, 100);
  t.is(lines.filter((line) => /frame \d+: stage1 → stage2/.test(line)).length, 6);
  t.true(lines.includes('             and 3 more changes'));
  t.is(lines.filter((line) => line.includes('BREACH at frame')).length, 4);
  t.regex(lines.join(' '), /BREACH at frame 59: codecs were tightened; frames after 39/);
  t.true(lines.includes('             and 2 more breaches'));
});

test('without a budget nothing is said of one; without a choice nothing at all', (t) => {
  const plain = { ...report, budget: null, shadows: null, changes: [] };
  t.deepEqual(codecsText({ ...plain, routes: [report.routes[0]!] }, 80), []);
  t.true(codecsText(plain, 80).every((line) => !line.includes('budget;')));
  t.deepEqual(codecsText({ ...plain, budget: 'top1>=99%', routes: [] }, 80), [
    'error budget top1>=99%: no codec that loses something pays and stays within it',
  ]);
  const short = { ...report, routes: [], changes: [], shadows: { ...report.shadows!, compared: { frames: 0, sameTop1: 0, maxAbs: 0 } } };
  t.deepEqual(codecsText(short, 80), ['error budget top1>=99.5%,max-abs<=0.01; no frame was compared']);
});
