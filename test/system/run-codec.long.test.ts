/** Codecs through real agents: named ones, error budgets, and what happens when the inputs change while a run goes on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatNpyHeader } from '../../controller/run/npy-header.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { writeModelFile } from './run-models.ts';
import { run } from './run-report.ts';

const FRAMES = 160;
/** From here on the inputs are of another kind. */
const CHANGE_AT = 60;
const GROWTH = 4;
const SIDE = 64;

/** Matrices of seeded noise for the model `squares`, `growth` times as large from `CHANGE_AT` on. */
async function changingInput(mesh: Mesh, growth: number): Promise<string> {
  const each = SIDE * SIDE;
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const values = Float32Array.from({ length: FRAMES * each }, (_, at) => random() * (at < CHANGE_AT * each ? 1 : growth));
  const path = join(mesh.folder, `input-${growth}.npy`);
  await writeFile(path, Buffer.concat([formatNpyHeader('float32', [FRAMES, 1, SIDE, SIDE]), new Uint8Array(values.buffer)]));
  return path;
}

test.serial('a codec with loss is used where it is named, and the report tells what it costs', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b' }] });
  const report = await run(mesh, '--split', 'lenet@layer1', '--on', 'a,b', '--frames', '20', '--codec', 'fp16', '--verify', '4');
  t.true(report.verify.lossy);
  t.true(report.verify.passed);
  t.true(report.verify.maxAbsError! > 0);
  const link = report.links.find(({ from }) => from === 'stage1')!;
  t.is(link.codec, 'fp16');
  t.true(link.wireBytesPerFrame! < 0.52 * link.rawBytesPerFrame!);
  t.is(report.codecs, undefined, 'nothing was chosen');
});

test.serial('an error budget: frames stay within it, outputs are each frame once, and one frame in so many was compared', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b' }] });
  const split = `${await writeModelFile(mesh.folder, 'squares')}@layer1`;
  const input = await changingInput(mesh, 1);
  const flags = ['--on', 'a,b', '--frames', String(FRAMES), '--input', input, '--codec', 'int8', '--shadow-every', '10', '--verify', '2'];
  const wide = await run(mesh, '--split', split, ...flags, '--error-budget', 'max-abs<=1000000');
  t.deepEqual(wide.frames, { sent: FRAMES, received: FRAMES, lost: 0, duplicated: 0, outOfOrder: 0 });
  t.deepEqual(
    wide.codecs!.routes.map(({ codec }) => codec),
    ['int8', 'int8', 'int8'],
  );
  t.is(wide.codecs!.budget, 'max-abs<=1000000');
  t.like(wide.codecs!.shadows, { every: 10, breaches: [] });
  const { compared } = wide.codecs!.shadows!;
  t.is(compared.frames, FRAMES / 10);
  t.true(compared.maxAbs! > 0 && compared.maxAbs! <= 1e6, `${compared.maxAbs}`);

  const narrow = await run(mesh, '--split', split, ...flags, '--error-budget', `max-abs<=${compared.maxAbs! / 10}`);
  t.deepEqual(
    narrow.codecs!.routes.map(({ codec }) => codec),
    ['none', 'none', 'none'],
  );
  t.is(narrow.codecs!.shadows, null);
  t.is(narrow.codecs!.routes[1]!.options.find(({ codec }) => codec === 'int8')!.withinBudget, false);
  t.false(narrow.verify.lossy);
  t.true(narrow.verify.passed);
});

test.serial(
  'when the inputs change the budget is found breached, and the link moves to a tighter codec within a hundred frames',
  async (t) => {
    t.timeout(120_000);
    const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b' }] });
    const split = `${await writeModelFile(mesh.folder, 'squares')}@layer1`;
    const calm = await changingInput(mesh, 1);
    const flags = ['--on', 'a,b', '--frames', String(FRAMES), '--codec', 'int8', '--window', '4', '--verify', 'off'];
    const before = await run(mesh, '--split', split, ...flags, '--input', calm, '--error-budget', 'max-abs<=1000000');
    const budget = `max-abs<=${before.codecs!.shadows!.compared.maxAbs! * 3}`;
    t.deepEqual((await run(mesh, '--split', split, ...flags, '--input', calm, '--error-budget', budget)).codecs!.shadows!.breaches, []);

    const report = await run(mesh, '--split', split, ...flags, '--input', await changingInput(mesh, GROWTH), '--error-budget', budget);
    const [breach, ...more] = report.codecs!.shadows!.breaches;
    t.deepEqual(more, [], 'after the change nothing is lost any more');
    t.true(breach!.frame >= CHANGE_AT && breach!.frame < CHANGE_AT + 100, `noticed at frame ${breach!.frame}`);
    t.true(breach!.sinceFrame < CHANGE_AT);
    const change = report.codecs!.changes.find(({ was }) => was === 'int8')!;
    t.like(change, { now: 'none', why: `frame ${breach!.frame} was outside of the budget` });
    t.true(change.frame <= CHANGE_AT + 100, `changed at frame ${change.frame}`);
    t.deepEqual(report.frames, { sent: FRAMES, received: FRAMES, lost: 0, duplicated: 0, outOfOrder: 0 });
  },
);

test.serial(
  'a budget on a plan by hand whose ways part and meet, with two devices that take turns: every route is calibrated and watched',
  async (t) => {
    t.timeout(120_000);
    const mesh = await startMesh(t, { agents: ['a', 'b', 'c'].map((name) => ({ name })) });
    const model = await writeModelFile(mesh.folder, 'wideDiamond');
    const plan = join(mesh.folder, 'plan.json');
    const stages = {
      head: { layers: '1', device: 'a' },
      left: { layers: '2', device: 'b' },
      right: { layers: '3', devices: ['a', 'c'] },
      tail: { layers: '4', device: 'c' },
    };
    await writeFile(plan, JSON.stringify({ stages }));
    const flags = ['--frames', '48', '--codec', 'fp16', '--shadow-every', '5', '--verify', '2', '--error-budget', 'max-abs<=1000000'];
    const report = await run(mesh, '--split', model, '--plan', plan, ...flags);
    t.deepEqual(report.frames, { sent: 48, received: 48, lost: 0, duplicated: 0, outOfOrder: 0 });
    const routes = report.codecs!.routes.map(({ from, to, codec, options }) => {
      const tried = options.find((option) => option.codec === 'fp16');
      return `${from} ${to} ${codec} ${tried?.error?.frames ?? 0} ${(tried?.error?.maxAbs ?? 0) > 0}`;
    });
    t.is(routes.length, 10);
    for (const route of routes) t.regex(route, / fp16 8 true$/, 'used, and its error is known');
    const { every, compared } = report.codecs!.shadows!;
    t.is(every, 4, 'with one in 6 ids a shadow, those of one of the two would never come by');
    t.is(compared.frames, 48 / 4);
    t.true(compared.maxAbs! > 0);
    t.true(report.verify.lossy && report.verify.passed);
  },
);

test.serial('a run of fewer frames than calibration wants is calibrated with these', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'a' }, { name: 'b' }] });
  const split = `${await writeModelFile(mesh.folder, 'squares')}@layer1`;
  // Beyond its first frames the input is large enough to be far outside.
  const input = await changingInput(mesh, 1000);
  const flags = ['--on', 'a,b', '--input', input, '--codec', 'fp16', '--verify', 'off'];
  // Of 99 % it would take a hundred frames to be sure.
  const few = ['--frames', '5', '--error-budget', 'top1>=99%,max-abs<=1000000'];
  const report = await run(mesh, '--split', split, ...flags, ...few);
  t.is(report.frames.received, 5);
  t.deepEqual(new Set(report.codecs!.routes.map(({ codec }) => codec)), new Set(['fp16']));
  t.is(report.codecs!.shadows!.compared.frames, 0, 'too short for a shadow');
});

test.serial('a budget that makes no sense, a codec that is not known: refused before anything is started', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  for (const [args, message] of [
    [['--error-budget', 'top1>99'], /--error-budget: "top1>99" is no budget/],
    [['--codec', 'int7'], /--codec: "int7".*int8/s],
    [['--shadow-every', '5'], /--error-budget, which is missing/],
    [['--error-budget', 'max-abs<=1', '--shadow-every', '0'], /--shadow-every/],
  ] as const) {
    const { code, stdout, stderr } = await mesh.runController(['run', '--split', 'lenet@layer1', ...args]);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});
