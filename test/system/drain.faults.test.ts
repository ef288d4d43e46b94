/** A device is to be taken away: what works on it goes elsewhere first, and nobody misses anything. */
import { join } from 'node:path';
import test from 'ava';
import { formatMoves } from '../../controller/run/moves.ts';
import { BrokenRun, hashOf, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';
import { shareMesh } from './shared-mesh.ts';

const FRAMES = 300;
const RATE = 50;

let model = '';
let untouched = '';
const names = ['pa', 'pb', 'pc', 'pd'];
const shared = shareMesh(test, { agents: names.map((name) => ({ name })) }, async (mesh) => {
  model = await writeModelFile(mesh.folder, 'chain');
  untouched = await unfaultedHash(mesh, model, FRAMES);
});

test.serial('its stages move while frames flow: none is lost, none goes again; it takes new ones when it is started anew', async (t) => {
  const { mesh } = shared;
  const run = await BrokenRun.start({ mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate: RATE, name: 'drained' });
  const { code, stdout, stderr: said } = await mesh.runController(['drain', 'pb']);
  t.is(code, 0, said);
  t.is(stdout, 'no stage is left on pb; it takes new ones when its agent is started anew\n');
  t.deepEqual(mesh.agent('pb').stages(), []);
  const { stderr, report } = await run.endsUntouched(t, FRAMES, untouched);
  t.deepEqual(lossesOf(stderr), []);
  t.deepEqual(
    report?.changes?.map(({ moves, replayed }) => [formatMoves(moves), replayed]),
    [['stage2 moves from pb to pd', 0]],
  );
  const refused = await mesh.runController(['run', '--split', model, '--on', 'pb', '--frames', '1']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /pb.*is draining/);
  await mesh.agent('pb').process.end();
  await mesh.agent('pb').start();
  t.is((await mesh.runController(['run', '--split', model, '--on', 'pb', '--frames', '1'])).code, 0);
});

test.serial('a detached run that it keeps is kept by another device; one that writes its files stays, and that is said', async (t) => {
  const { mesh } = shared;
  const long = 400;
  const detach = async (...args: string[]): Promise<string> => {
    const split = ['--split', `${model}@layer1`, '--on', 'pa,pb', '--rate', '40', '--verify', 'off'];
    const { json, stderr, code } = await mesh.runController(['run', '--detach', '--json', '--at', 'pc', ...split, ...args]);
    t.is(code, 0, stderr);
    return (json() as { run: string }).run;
  };
  const bound = await detach('--frames', '100000000', '--output', 'pc:bound.npy');
  const streamed = await detach('--frames', String(long), '--output', 'stream');
  const drained = await mesh.runController(['drain', 'pc']);
  t.is(drained.code, 1);
  t.regex(drained.stderr, new RegExp(`run ${streamed} is kept by p[abd] now`));
  t.regex(drained.stderr, new RegExp(`no stage is left on pc, but run ${bound} can't leave pc: it writes `));
  const output = join(mesh.folder, 'streamed.npy');
  const followed = await mesh.runController(['outputs', streamed, '--output', output, '--follow']);
  t.is(followed.code, 0, followed.stderr);
  const plain = await unfaultedHash(mesh, model, long);
  t.is(await hashOf(output), plain, 'each frame is in the stream once, in order');
  t.is((await mesh.runController(['stop', bound])).code, 0);
});
