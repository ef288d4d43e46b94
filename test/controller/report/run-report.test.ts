import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { framesCsv } from '../../../controller/report/frames-csv.ts';
import { runHtml } from '../../../controller/report/run-html.ts';
import { throughputOf } from '../../../controller/report/run-report.ts';
import { runText } from '../../../controller/report/run-text.ts';
import { RunStore } from '../../../controller/store/store.ts';
import type { Kernel } from '../../../mesh/kernel.ts';
import { replicate } from '../../../partition/replicate.ts';
import { violations } from './json-schema.ts';
import { type Facts, facts, reportOf, schema } from './run-facts.ts';

/** As `controller show --frames` has it. */
async function framesCsvOf({ frames, stages, links }: Facts): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'splitmesh-test-'));
  try {
    await using store = await RunStore.open(folder);
    await store.begin({ run: 'r1', parent: undefined, startedMs: 1, model: 'm', plan: '{}' });
    await store.add('r1', { frames, stages, links });
    let text = '';
    for await (const lines of framesCsv(store, 'r1')) text += lines;
    return text.split('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a report is as its schema says, also when little was measured', (t) => {
  t.deepEqual(violations(reportOf(facts), schema), []);
  const little = { ...facts, frames: [], stages: [], links: [], uses: [], oneDevice: null, rateFps: 30 };
  t.deepEqual(violations(reportOf(little), schema), []);
});

const foretold = {
  objective: 'throughput',
  throughputFps: 120,
  latencyMs: 9.5,
  limit: 'pi1, which computes stage 1',
  gap: 0,
  trials: 2,
} as const;

test('what a planner foretold is part of the report, and said next to what was measured', (t) => {
  t.false('foretold' in reportOf(facts));
  const report = reportOf({ ...facts, foretold });
  t.deepEqual(violations(report, schema), []);
  t.deepEqual(report.foretold, foretold);
  t.not(violations({ ...report, foretold: { ...foretold, gap: -1 } }, schema).length, 0);
  t.not(violations({ ...report, foretold: { ...foretold, more: 1 } }, schema).length, 0);
  const text = (more: object): string =>
    runText(reportOf({ ...facts, foretold: { ...foretold, ...more } }), Number.POSITIVE_INFINITY).replaceAll(/\s+/g, ' ');
  t.regex(text({}), /foretold 120 frames\/s; measured 100 \(−16\.7 %\)/);
  t.regex(text({}), /\(2 plans tried\) no plan is better; limited by pi1, which computes stage 1/);
  t.regex(text({ gap: 0.031, trials: 0 }), /\(all measured before\) no plan is more than 3\.1 % better/);
  t.regex(text({ objective: 'latency', trials: 1 }), /foretold 9\.50 ms; measured 30\.0 \(\+215\.8 %\) by measured times \(1 plan tried\)/);
});

test('what was foretold of a stage is said next to what it took, and what it would have taken at its usual speed where that matters', (t) => {
  const told = { stage: 'stage1', device: 'pi1', layers: '1-4', toldMs: 114, interval: { low: 101, high: 126 }, changes: 0 };
  const forecast = { ...told, firstMs: 171, firstUsualMs: 118, lastMs: 171, learnedMs: 173 };
  const report = reportOf({ ...facts, forecast: [forecast] });
  t.deepEqual(violations(report, schema), []);
  t.deepEqual(violations(reportOf({ ...facts, forecast: [{ ...forecast, interval: null, firstUsualMs: null }] }), schema), []);
  const text = (more: object): string =>
    runText(reportOf({ ...facts, forecast: [{ ...forecast, ...more }] }), Number.POSITIVE_INFINITY).replaceAll(/\s+/g, ' ');
  t.regex(
    text({}),
    /stage1 on pi1: told 114 \(101 to 126\), took 171 \(\+50\.0 %\) 118 at its usual speed \(\+3\.5 %\); now told 173 \(−1\.2 %\)/,
  );
  for (const firstUsualMs of [null, 171, 169]) t.notRegex(text({ firstUsualMs }), /usual speed/);
});

test('the schema is not satisfied by anything else', (t) => {
  const report = reportOf(facts);
  t.not(violations({ ...report, extra: 1 }, schema).length, 0);
  t.not(violations({ ...report, run: 1 }, schema).length, 0);
  t.not(violations({ ...report, stages: [] }, schema).length, 0);
  t.not(violations({ ...report, verify: { ...report.verify, compared: -1 } }, schema).length, 0);
  const { frames: _, ...without } = report;
  t.deepEqual(violations(without, schema), ['$: "frames" is missing']);
});

test('what is reported is what was measured', (t) => {
  const report = reportOf(facts);
  t.is(report.throughputFps, 100);
  t.is(report.oneDevice?.speedup, 2);
  t.is(reportOf({ ...facts, rateFps: 100 }).oneDevice?.speedup, null);
  t.like(report.stages[0], { busyShare: 0.3, threads: 2, cpuMs: 20, computeMs: { p50: 5 } });
  t.is(report.stages[1]!.computeMs, null);
  t.like(report.links[0], { rawBytesPerFrame: 4000, wireBytesPerFrame: 3000, mbPerS: 1.5, codec: 'lz4', transferMs: { p50: 2, max: 3 } });
});

test('throughput counts between the first and the last arrival', (t) => {
  t.is(throughputOf([]), null);
  t.is(throughputOf([{ frame: 0n, startMs: 0, latencyMs: 20 }]), 50);
  t.is(throughputOf([30, 20, 10].map((latencyMs, frame) => ({ frame: BigInt(frame), startMs: 100, latencyMs }))), 100);
});

test('throughput of an open loop is at most what was offered', (t) => {
  const offered = (...latenciesMs: number[]) => latenciesMs.map((latencyMs, i) => ({ frame: BigInt(i), startMs: i * 100, latencyMs }));
  const fps = (...latenciesMs: number[]) => throughputOf(offered(...latenciesMs), 10);
  t.is(fps(), null);
  t.is(fps(20), 10, 'one frame alone is not 50 per second');
  t.is(fps(500), 2);
  t.is(fps(20, 20, 20), 10);
  // The first frame waited for something that the others found done: between arrivals there are 76 ms.
  t.is(fps(44, 20, 20, 20), 10);
  // Too slow: 200 ms between arrivals, whatever the way takes.
  t.is(fps(1000, 1100, 1200), 5);
  // Due at times that are no round numbers.
  for (const rate of [3, 7, 29.97, 60]) {
    const frames = [0, 1, 2, 3, 4, 5, 6].map((i) => ({ frame: BigInt(i), startMs: 1234.5 + (i * 1000) / rate - 1234.5, latencyMs: 3.3 }));
    t.true(throughputOf(frames, rate)! <= rate, `${rate}`);
    t.true(throughputOf(frames, rate)! > rate * 0.999, `${rate}`);
  }
});

test('the table fits 80 columns and says what matters', (t) => {
  const text = runText(reportOf(facts), 80);
  t.true(
    text.split('\n').every((line) => [...line].length <= 80),
    text,
  );
  for (const part of ['2.00 × one device', 'p50 30.0', '0 lost', 'yes: 3 frames', '100 frames/s', '–'])
    t.true(text.includes(part), `${part} in\n${text}`);
});

test('stages that take turns: the table says which device got how many frames', (t) => {
  const [whole] = facts.plan.stages;
  const plan = replicate(
    {
      ...facts.plan,
      stages: [whole!],
      routes: facts.plan.routes.slice(0, 1).concat({ from: 'stage1', to: 'sink', tensors: ['h'], codec: 'auto' }),
    },
    'stage1',
    {
      devices: ['pi1', 'pi2'],
      shares: [2, 1],
    },
  );
  const loaded = facts.loaded.get('stage1')!;
  const report = reportOf({
    ...facts,
    plan,
    loaded: new Map([
      ['stage1-1', loaded],
      ['stage1-2', loaded],
    ]),
    uses: [{ key: { run: 'r1', stage: 'stage1-1', epoch: 1n }, frames: 207, measureBatches: 1 }],
  });
  t.deepEqual(violations(report, schema), []);
  t.deepEqual(
    report.plan.routes.map(({ turns }) => turns),
    [
      { of: 3, at: [0, 2] },
      { of: 3, at: [1] },
      { of: 3, at: [0, 2] },
      { of: 3, at: [1] },
    ],
  );
  t.deepEqual(
    report.stages.map(({ frames }) => frames),
    [207, null],
  );
  const text = runText(report, 80);
  t.regex(text, /^resnet<18> {2}1 stage on 2 devices \(stage1 × 2\) {2}run r1\n/);
  t.regex(text, /^STAGE +DEVICE +LAYERS +FRAMES +COMPUTE/m);
  t.regex(text, /^stage1-1 +pi1 +1-12 +207 /m);
  t.regex(text, /^stage1-2 +pi2 +1-12 +– /m);
  t.true(
    text.split('\n').every((line) => [...line].length <= 80),
    text,
  );
  t.false(runText(reportOf(facts), 80).includes('FRAMES '));
  // A report that was stored before there were frames per stage.
  const { frames: _, ...old } = reportOf(facts).stages[0]!;
  t.notThrows(() => runText({ ...reportOf(facts), stages: [old as never] }, 80));
});

test('why the last bits differ is said, in 80 columns', (t) => {
  const kernel = (name: string): Kernel => ({ name, operator: 'nchwc.Conv', inputs: [], outputs: [] });
  const text = (verify: Partial<Facts['verify']>, kernels: Facts['kernels']): string =>
    runText(reportOf({ ...facts, verify: { ...facts.verify, ...verify }, kernels }), 80);
  const same = { onlyWhole: [], onlySplit: [] };
  t.regex(text({ maxUlp: 0 }, same), /verified +yes: 3 frames, bit for bit the whole model's \(the same kernels ran\)/);
  t.regex(text({}, same), /rel\. 2\.0e-7, 5 ulp\).*\n +the same kernels ran, though/);
  t.regex(text({}, undefined), /which kernels ran is not known/);
  const fused = text({}, { onlyWhole: [kernel('a'), kernel('b'.repeat(99)), kernel('c'), kernel('d')], onlySplit: [kernel('e')] });
  t.regex(
    fused,
    /fuses a stage otherwise.*\n +whole +nchwc\.Conv a\n +whole +nchwc\.Conv b+…\n +whole +and 2 others\n +split +nchwc\.Conv e\n/,
  );
  t.true(fused.split('\n').every((line) => [...line].length <= 80));
  const parallel = { work: 1, bytesBetween: null };
  const inParts = runText(reportOf({ ...facts, parallel, kernels: { onlyWhole: [kernel('a')], onlySplit: [] } }), 80);
  t.regex(inParts, /because parts are computed by other kernels than the whole:/);
});

test('a failed verification stands out', (t) => {
  const verify = { compared: 3, maxAbsError: null, maxRelativeError: null, maxUlp: null, top1Agreement: 0, lossy: false, passed: false };
  t.regex(runText(reportOf({ ...facts, verify }), 80), /verified +NO: 3 frames, not comparable/);
});

test('the page carries everything itself and no markup of the model', (t) => {
  const html = runHtml(reportOf(facts), [30, 30, 30]);
  t.true(html.includes('resnet&#60;18&#62;'));
  t.false(/<script|https?:/.test(html));
});

test('dropped frames are counted, and each frame says which of the input it was', async (t) => {
  const dropping: Facts = {
    ...facts,
    rateFps: 100,
    drops: { policy: 'oldest', deadlineMs: 500, offered: 120, dropped: 117 },
    frames: facts.frames.map((row, index) => ({ ...row, index: index * 40 })),
  };
  const report = reportOf(dropping);
  t.deepEqual(violations(report, schema), []);
  t.like(report.frames, { offered: 120, sent: 3, dropped: 117, lost: 0 });
  t.regex(runText(report, 80), /offered {6}120 offered, 3 sent, 117 dropped \(oldest, 500 ms\)\n/);
  t.false(runText(reportOf(facts), 80).includes('dropped'));
  const nothing = { ...facts.verify, compared: 0 };
  t.regex(runText(reportOf({ ...dropping, verify: nothing }), 80), /verified +no: the frames to be compared were all dropped/);
  t.deepEqual(
    (await framesCsvOf(dropping)).slice(0, 3).map((line) => line.split(',').slice(0, 3).join()),
    ['frame,input,start_ms', '0,0,0.000', '1,40,10.000'],
  );
});

test('every frame is a line of the table for spreadsheets', async (t) => {
  const csv = await framesCsvOf(facts);
  t.is(
    csv[0],
    'frame,start_ms,latency_ms,stage1_queue_us,stage1_decode_us,stage1_compute_us,stage1_encode_us,source>stage1_raw_bytes,source>stage1_wire_bytes,source>stage1_transfer_us,source>stage1_codec',
  );
  t.is(csv[1], '0,0.000,30.000,100,200,5000,300,4000,2000,1000,lz4');
  t.is(csv.length, 5);
});
