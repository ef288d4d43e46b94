/** What was collected is predicted from: models that were never measured, devices of a mesh, a service; and what is said when nothing can be. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { PredictedModel } from '../../controller/report/prediction-text.ts';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { needs } from '../helpers/privileges.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, {
  agents: [
    { name: 'fast', cpuQuota: 1 },
    { name: 'slow', cpuQuota: 0.4 },
  ],
});
const limited = needs(test.serial, cgroupMissing());
const data = (): string[] => ['--data', join(shared.mesh.folder, 'data')];

test.serial('before anything was collected nobody guesses', async (t) => {
  const predicted = await shared.mesh.runController(['profile', 'predict', 'lenet', ...data()]);
  t.is(predicted.code, 1);
  t.regex(predicted.stderr, /nothing was measured yet.*controller profile collect/s);
  const placed = await shared.mesh.runController(['place', 'lenet', ...data()]);
  t.is(placed.code, 1);
  t.regex(placed.stderr, /nothing was measured yet/);
});

limited('a model that was never measured: asked of the runtime once, fastest device first', async (t) => {
  const { mesh } = shared;
  const collect = [
    'profile',
    'collect',
    '--models',
    'lenet,mlp1d',
    '--segments',
    '1',
    '--kernels',
    '20',
    '--iterations',
    '1',
    '--batches',
    '3',
    ...data(),
  ];
  const collected = await mesh.runController(collect);
  t.is(collected.code, 0, collected.stderr);

  const first = await mesh.runController(['profile', 'predict', 'alexnet1d', '--json', ...data()]);
  t.is(first.code, 0, first.stderr);
  t.regex(first.stderr, /learning from \d+ samples.*asking the runtime/s);
  const { places, kernels } = first.json() as PredictedModel;
  t.true(kernels > 5);
  t.deepEqual(
    places.map(({ place }) => place.circumstance.device),
    ['fast', 'slow'],
  );
  const [fast, slow] = places.map(({ prediction }) => prediction);
  t.true(slow!.ms > 1.2 * fast!.ms, `${slow!.ms} ms with 0.4 cores, ${fast!.ms} ms with one`);
  for (const { ms, measurements, contributions } of [fast!, slow!]) {
    t.true(ms > 0 && measurements > 0 && contributions.length > 0);
  }

  const again = await mesh.runController(['profile', 'predict', 'alexnet1d', '--device', 'slow', '--data', join(mesh.folder, 'data')]);
  t.is(again.code, 0, again.stderr);
  t.notRegex(again.stderr, /learning|asking/);
  t.regex(again.stdout, /^slow +1 /m);
  t.notRegex(again.stdout, /^fast/m);
});

limited('place runs a model where it is predicted to be fastest', async (t) => {
  const { code, stderr, json } = await shared.mesh.runController(['place', 'alexnet1d', '--frames', '20', '--json', ...data()]);
  t.is(code, 0, stderr);
  t.regex(stderr, /alexnet1d goes to fast/);
  const { plan } = json() as { plan: { stages: { device: string }[] } };
  t.deepEqual(
    plan.stages.map(({ device }) => device),
    ['fast'],
  );
});

limited('what is learned is a file that others read; a damaged one is made again', async (t) => {
  const { mesh } = shared;
  for (const [name, pattern] of [
    ['trees.json', /"gbtree"/],
    ['trees.onnx', /TreeEnsembleRegressor/],
  ] as const) {
    const path = join(mesh.folder, name);
    const { code, stderr } = await mesh.runController(['profile', 'export', '--trees', path, '--device', 'fast', ...data()]);
    t.is(code, 0, stderr);
    t.regex(readFileSync(path, 'latin1'), pattern);
  }
  // Devices that differ in their quotas only have the same trees: which of them is no question.
  const both = await mesh.runController(['profile', 'export', '--trees', join(mesh.folder, 'x.json'), ...data()]);
  t.is(both.code, 0, both.stderr);
  t.deepEqual(readFileSync(join(mesh.folder, 'x.json')), readFileSync(join(mesh.folder, 'trees.json')));
  const nobody = await mesh.runController(['profile', 'export', '--trees', join(mesh.folder, 'y.json'), '--device', 'nobody', ...data()]);
  t.is(nobody.code, 2, nobody.stderr);

  const file = join(mesh.folder, 'data', 'profile.json');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 5000));
  const { code, stderr } = await mesh.runController(['profile', 'predict', 'lenet', ...data()]);
  t.is(code, 0, stderr);
  t.regex(stderr, /learning from/);
});

limited('how good it is', async (t) => {
  const { code, stderr, json } = await shared.mesh.runController(['profile', 'evaluate', '--split', 'family', '--json', ...data()]);
  t.is(code, 0, stderr);
  const { splits } = json() as { splits: { name: string; leaks: boolean }[] };
  t.like(splits, [{ name: 'family', leaks: false }]);
});

limited('the service predicts for the devices of the mesh, and for those only that it knows', async (t) => {
  const { mesh } = shared;
  const server = mesh.startController(['profile', 'serve', '--port', '0', ...data()]);
  const url = await server.stdout.find((line) => /^http:\/\/\S+/.exec(line)?.[0]);
  const request = { conv_layers: 5, pool_layers: 3, fc_layers: 3, filter_details: 1376, total_parameters: 60_965_224 };
  const counts = { model: 'x', ...request, model_input_size: 602_112, model_output_size: 4000 };
  const answer = await fetch(`${url}/api/profiling`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(counts),
  });
  // Two models are too few to say anything from counts.
  t.is(answer.status, 503, await answer.text());
  server.signal('SIGINT');
  t.is((await server.exit).code, 0);
});

test.serial('what can not be is a usage error', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['profile', 'predict'], /the model/],
    [['profile', 'predict', 'resnet19', ...data()], /resnet19/],
    [['profile', 'predict', 'lenet', '--device', 'nobody', ...data()], /no device "nobody"/],
    [['place', 'lenet', '--on', 'fast'], /--on is not for place/],
    [['place', '--frames', '3'], /the model comes first/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await shared.mesh.runController(args);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  }
});
