/** Each data set from a small tree of files with the published names; and everything that can be wrong with such a tree. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DataSetOptions } from '../../../controller/data-sets/data-set.ts';
import { dataSetClasses, dataSetNames, loadDataSet } from '../../../controller/data-sets/load-data-set.ts';
import { MeshError } from '../../../mesh/error.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { type Content, type MatOptions, writeMat } from './support/write-mat.ts';

const { signal } = new AbortController();
const WINDOW = 8;
const WINDOWS = 5;
const base = { window: WINDOW, normalization: '0-1', split: 'ordered', seed: 1 } as const;

/** A ramp of each window ends at another height, by its class: after normalization the second sample tells it. */
function ramp(label: number, windows = WINDOWS): number[] {
  return Array.from({ length: windows * WINDOW + 3 }, (_, index) => (index % WINDOW === 1 ? label + 1 : index % WINDOW === 2 ? 100 : 0));
}

const column = (label: number): Content => ({ numbers: ramp(label) });

type Tree = Record<string, Buffer | string>;

const cwruNumbers = [97, 105, 118, 130, 169, 185, 197, 209, 222, 234];
const puBearings = ['KA04', 'KA15', 'KA16', 'KA22', 'KA30', 'KB23', 'KB24', 'KB27', 'KI14', 'KI16', 'KI17', 'KI18', 'KI21'];

function cwruTree(options: MatOptions = {}): Tree {
  const file = (number: number, label: number) => {
    const prefix = number < 100 ? `X0${number}` : `X${number}`;
    return writeMat(
      { [`${prefix}_DE_time`]: column(label), [`${prefix}_FE_time`]: { numbers: [1] }, [`${prefix}RPM`]: { numbers: [1797] } },
      options,
    );
  };
  const folder = (number: number) => (number < 100 ? 'Normal Baseline Data' : '12k Drive End Bearing Fault Data');
  return Object.fromEntries(cwruNumbers.map((number, label) => [`${folder(number)}/${number}.mat`, file(number, label)]));
}

function mfptTree(): Tree {
  const baseline = { struct: [{ sr: { numbers: [97656] }, gs: column(0), load: { numbers: [270] }, rate: { numbers: [25] } }] };
  const tree: Tree = { '1 - Three Baseline Conditions/baseline_1.mat': writeMat({ bearing: baseline }) };
  for (let index = 1; index <= 7; index += 1) {
    const fault = (label: number) =>
      writeMat({ bearing: { struct: [{ load: { numbers: [25] }, sr: { numbers: [48828] }, gs: column(label) }] } });
    tree[`3 - Seven More Outer Race Fault Conditions/OuterRaceFault_vload_${index}.mat`] = fault(index);
    tree[`4 - Seven Inner Race Fault Conditions/InnerRaceFault_vload_${index}.mat`] = fault(7 + index);
  }
  tree['2 - Three Outer Race Fault Conditions/OuterRaceFault_1.mat'] = 'of no interest';
  return tree;
}

function puTree(): Tree {
  const file = (name: string, label: number) =>
    writeMat({
      [name]: {
        struct: [
          {
            Info: { text: 'a test' },
            Y: {
              struct: [
                { Name: { text: 'force' }, Data: { numbers: [1, 2, 3], dims: [1, 3] } },
                { Name: { text: 'vibration_1' }, Data: { numbers: ramp(label), dims: [1, ramp(label).length] } },
              ],
            },
          },
        ],
      },
    });
  const name = (bearing: string) => `N15_M07_F10_${bearing}_1`;
  return Object.fromEntries(puBearings.map((bearing, label) => [`${bearing}/${name(bearing)}.mat`, file(name(bearing), label)]));
}

function seuTree(): Tree {
  const sets = [
    ['bearingset', ['ball', 'comb', 'health', 'inner', 'outer']],
    ['gearset', ['Chipped', 'Health', 'Miss', 'Root', 'Surface']],
  ] as const;
  const tree: Tree = {};
  const header = Array.from({ length: 16 }, (_, line) => `header ${line}\n`).join('');
  let label = 0;
  for (const [set, names] of sets) {
    for (const load of ['20_0', '30_2']) {
      for (const name of names) {
        const path = `gearbox/${set}/${name}_${load}.csv`;
        const separator = path.endsWith('ball_20_0.csv') ? ',' : '\t';
        const rows = ramp(label).map((value) => ['0.5', value, '7', ''].join(separator));
        // Nine tenths that are not used.
        const unused = Array.from({ length: rows.length * 9 }, () => ['0', '9', '9', ''].join(separator));
        tree[path] = `${header}${[...rows, ...unused].join('\n')}\n`;
        label += 1;
      }
    }
  }
  return tree;
}

async function folderOf(t: ExecutionContext, tree: Tree): Promise<string> {
  const folder = await tempFolder(t);
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function refused(options: DataSetOptions, stop: AbortSignal = signal): Promise<MeshError> {
  const error = await loadDataSet(options, stop).then(
    () => new Error('it was loaded'),
    (reason: unknown) => reason,
  );
  if (error instanceof MeshError) return error;
  throw error;
}

const trees: Readonly<Record<string, () => Tree>> = { cwru: cwruTree, mfpt: mfptTree, pu: puTree, seu: seuTree };

for (const [name, tree] of Object.entries(trees)) {
  test(`${name} is read as it is published: each class its own signal, in windows, split`, async (t) => {
    const set = await loadDataSet({ ...base, name, folder: await folderOf(t, tree()) }, signal);
    const classes = dataSetClasses(name);
    t.deepEqual([set.name, set.window, set.classes], [name, WINDOW, classes]);
    t.is(new Set(classes).size, classes.length);
    const perClass = (count: number) => BigInt64Array.from(classes.flatMap((_, label) => new Array<bigint>(count).fill(BigInt(label))));
    t.deepEqual(set.train.labels, perClass(WINDOWS - 1));
    t.deepEqual(set.validation.labels, perClass(1));
    for (const { windows, labels } of [set.train, set.validation]) {
      t.is(windows.length, labels.length * WINDOW);
      for (const [index, label] of labels.entries()) {
        const expected = ramp(Number(label), 1).slice(0, WINDOW);
        t.deepEqual(
          windows.slice(index * WINDOW, (index + 1) * WINDOW),
          Float32Array.from(expected, (value) => value / 100),
        );
      }
    }
  });
}

test('the tables of classes are those of the benchmark', (t) => {
  t.deepEqual(
    dataSetNames.map((name) => [name, dataSetClasses(name).length]),
    [
      ['synthetic-bearing', 10],
      ['cwru', 10],
      ['mfpt', 15],
      ['pu', 13],
      ['seu', 20],
    ],
  );
  t.deepEqual(dataSetClasses('cwru').slice(0, 3), ['normal', 'inner race 7 mil', 'ball 7 mil']);
  t.is(dataSetClasses('seu')[10], 'gear chipped 20_0');
});

test('how an archive was unpacked does not matter: deeper, in capitals, with names that say more, behind a link', async (t) => {
  const folder = await folderOf(t, cwruTree({ compressed: true, big: true }));
  const faults = join(folder, '12k Drive End Bearing Fault Data');
  await rename(join(faults, '105.mat'), join(faults, '105_0.MAT'));
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await rename(faults, join(folder, 'a', 'b', 'faults'));
  await writeFile(join(folder, '1054.mat'), 'another experiment');
  const other = await tempFolder(t);
  await symlink(folder, join(other, 'cwru'));
  await symlink(other, join(folder, 'circle'));
  const set = await loadDataSet({ ...base, name: 'cwru', folder: other }, signal);
  t.is(set.train.labels.length, 40);
});

test('a random split is drawn by the seed', async (t) => {
  const options = { ...base, split: 'random', name: 'cwru', folder: await folderOf(t, cwruTree()) } as const;
  const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => loadDataSet({ ...options, seed }, signal)));
  t.deepEqual(one!.train.labels, same!.train.labels);
  t.notDeepEqual(one!.train.labels, other!.train.labels);
});

test('a name that is not known is refused with those that are near', (t) => {
  const error = t.throws(() => dataSetClasses('cwur'), { code: 'not-found' } as never) as MeshError;
  t.regex(error.hint!, /did you mean cwru\? there are synthetic-bearing, cwru/);
});

test('files that are missing are listed, with where they were looked for and how the folder should look', async (t) => {
  const folder = await folderOf(t, cwruTree());
  await rm(join(folder, 'Normal Baseline Data'), { recursive: true });
  const { code, message, hint } = await refused({ ...base, name: 'cwru', folder });
  t.is(code, 'not-found');
  t.is(message, `cwru: 1 of 10 files are missing: 97.mat; looked for among the 9 files in ${folder} and 6 levels below`);
  t.regex(hint!, /Normal Baseline Data/);
  const other = await refused({ ...base, name: 'seu', folder });
  t.regex(other.message, /20 of 20 files are missing: bearingset\/ball_20_0\.csv, .* and 15 more/);
});

test('a folder that is none is refused, as is none at all', async (t) => {
  const folder = await folderOf(t, { file: '' });
  t.regex((await refused({ ...base, name: 'pu', folder: join(folder, 'none') })).message, /there is no such folder/);
  t.regex((await refused({ ...base, name: 'pu', folder: join(folder, 'file') })).message, /it is no folder/);
  t.is((await refused({ ...base, name: 'pu', folder: undefined })).code, 'usage');
  t.regex((await refused({ ...base, name: 'synthetic-bearing', folder })).message, /is made, it reads nothing/);
});

test('a file that shows another class than its name says is refused', async (t) => {
  const folder = await folderOf(t, cwruTree());
  const faults = join(folder, '12k Drive End Bearing Fault Data');
  await rename(join(faults, '118.mat'), join(faults, '105.mat'));
  await writeFile(join(faults, '118.mat'), writeMat({}));
  const { code, message } = await refused({ ...base, name: 'cwru', folder });
  t.is(code, 'invalid');
  t.regex(message, /105\.mat has no variable X105_DE_time, found X118_DE_time, X118_FE_time, X118RPM$/);
});

/** One file of a tree is exchanged. */
async function withFile(t: ExecutionContext, name: string, path: string, variables: Record<string, Content>): Promise<MeshError> {
  return await refused({ ...base, name, folder: await folderOf(t, { ...trees[name]!(), [path]: writeMat(variables) }) });
}

test('a struct without its field, a variable that is no struct, a channel that is not there: each says what is', async (t) => {
  const baseline = '1 - Three Baseline Conditions/baseline_1.mat';
  t.regex((await withFile(t, 'mfpt', baseline, { bearing: { struct: [{ sr: column(0) }] } })).message, /no field gs in bearing, found sr/);
  t.regex((await withFile(t, 'mfpt', baseline, { bearing: column(0) })).message, /bearing is a number array of 43 × 1, expected a struct/);
  const path = 'KA04/N15_M07_F10_KA04_1.mat';
  const channels: Content = { struct: [{ Name: { text: 'force' }, Data: column(0) }] };
  const { message } = await withFile(t, 'pu', path, { N15_M07_F10_KA04_1: { struct: [{ Y: channels }] } });
  t.regex(message, /no channel vibration_1 in N15_M07_F10_KA04_1\.Y, found force/);
});

test("a signal that can't be learned from is refused before training: a table, NaN, too short, constant", async (t) => {
  const path = 'Normal Baseline Data/97.mat';
  const told = async (content: Content) => (await withFile(t, 'cwru', path, { X097_DE_time: content })).message;
  t.regex(await told({ numbers: [1, 2, 3, 4], dims: [2, 2] }), /X097_DE_time is a number array of 2 × 2, expected a row or a column/);
  t.regex(await told({ text: 'none' }), /X097_DE_time is a text/);
  t.regex(await told({ numbers: ramp(0).with(20, Number.NaN) }), /97\.mat: sample 20 is NaN/);
  t.regex(await told({ numbers: [1, 2, 3] }), /97\.mat has 3 samples, a window is 8/);
  t.regex(await told({ numbers: ramp(0).fill(4, 8, 16) }), /97\.mat, samples from 8 can't be normalized \(0-1\): all 8 samples are 4/);
  t.regex(await told({ numbers: ramp(0, 1) }), /class "normal" has 1 window/);
});

test('a window that is none is refused, and whoever waits can stop waiting', async (t) => {
  t.is((await refused({ ...base, name: 'synthetic-bearing', folder: undefined, window: 1.5 })).code, 'usage');
  const reason = new MeshError('cancelled', 'enough');
  const folder = await folderOf(t, cwruTree());
  for (const options of [
    { ...base, name: 'cwru', folder },
    { ...base, name: 'synthetic-bearing', folder: undefined },
  ]) {
    t.is(await refused(options, AbortSignal.abort(reason)), reason);
  }
});
