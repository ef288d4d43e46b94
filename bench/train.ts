/**
 * How fast a training step is, and whether it computes what PyTorch computes.
 *
 *     step ÷ 3 forward passes      the same batch; a backward pass costs about two forward passes
 *     step ÷ PyTorch's             the same network, weights and batches, one thread each, where a Python with PyTorch is installed
 *     losses                       largest relative difference over the first 50 steps
 *
 * All sides are processes of their own that compute in turn. Where the losses differ by more than the bar, PyTorch is run twice more: with every
 * weight one rounding step aside, and in float64 for as many steps as 15 seconds allow. What it then differs from itself is what differences in
 * rounding grow to, whoever makes them.
 *
 * Then each model is trained by the product, for seconds per epoch, peak memory and what it learns.
 *
 * It takes half an hour; `--steps 0` and `--epochs 0` leave out one half.
 *
 *     node bench/train.ts [--models mlp1d,…] [--optimizers adam,sgd] [--steps 50] [--epochs 12] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { vibrationModels } from '../partition/zoo/catalogue.ts';
import { print, type Row, type Table } from './support/report.ts';
import { median } from './support/statistics.ts';
import { epochsTable } from './train/epochs.ts';
import { settings } from './train/settings.ts';
import { pythonWithTorch, Side } from './train/side.ts';
import { writeTask } from './train/task.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    optimizers: { type: 'string', default: 'adam,sgd' },
    steps: { type: 'string', default: '50' },
    epochs: { type: 'string', default: '12' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.steps);
const ROUND = 5;
const LOSS_BAR = 1e-4;
const RATIO_BAR = 1.5;
const BESIDE_MS_MAX = 15_000;

const python = pythonWithTorch();
const chosen = settings.filter(
  ({ model, optimizer }) => (values.models?.split(',').includes(model) ?? true) && values.optimizers.split(',').includes(optimizer.kind),
);

const rows: Row[] = [];
const lines: (string | number)[][] = [];
for (const { title, ...setting } of count === 0 ? [] : chosen) {
  console.error(title);
  const folder = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
  try {
    await writeTask(folder, setting);
    await using ours = await Side.ours(folder);
    await using peer = python === undefined ? undefined : await Side.peer(python, folder);
    const [stepMs, forwardMs, peerMs]: [number[], number[], number[]] = [[], [], []];
    const [losses, peerLosses]: [number[], number[]] = [[], []];
    for (let done = 0; done < count; done += ROUND) {
      const made = await ours.steps(ROUND);
      losses.push(...made.losses);
      stepMs.push(median(made.ms));
      forwardMs.push(median(await ours.forward(ROUND)));
      const other = await peer?.steps(ROUND);
      peerLosses.push(...(other?.losses ?? []));
      if (other !== undefined) peerMs.push(median(other.ms));
    }
    // The first round warms up: buffers are made, pages are mapped.
    const perRound = (over: (round: number) => number) => stepMs.slice(1).map((_, round) => over(round + 1));
    const byForward = perRound((round) => stepMs[round]! / (3 * forwardMs[round]!));
    rows.push({
      what: `${title}: step ÷ 3 forward passes`,
      value: median(byForward),
      unit: '×',
      rounds: byForward,
      bar: { atMost: RATIO_BAR },
    });
    const line: (string | number)[] = [title, median(stepMs), median(forwardMs), Number(ours.hello.createMs), await ours.peakMiB()];
    if (python !== undefined) {
      const byPeer = perRound((round) => stepMs[round]! / peerMs[round]!);
      const apart = largest(losses, peerLosses);
      rows.push({ what: `${title}: step ÷ PyTorch's`, value: median(byPeer), unit: '×', rounds: byPeer, bar: { atMost: RATIO_BAR } });
      rows.push({
        what: `${title}: losses of ${count} steps differ by`,
        value: apart / LOSS_BAR,
        unit: '× 1e-4',
        rounds: [],
        bar: { atMost: 1 },
      });
      line.push(
        median(peerMs),
        scientific(apart),
        ...(apart > LOSS_BAR
          ? [await besideItself(folder, python, peerLosses, '--moved'), await besideItself(folder, python, peerLosses, '--exact')]
          : ['', '']),
      );
    } else line.push('', '', '', '');
    lines.push([...line, losses[0]!, losses.at(-1)!]);
    console.error(`  ${line.map((cell) => (typeof cell === 'number' ? cell.toPrecision(3) : cell)).join('  ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How far PyTorch's losses are from what they are when it is run otherwise; with the number of steps where there was no time for all. */
async function besideItself(folder: string, program: string, losses: readonly number[], flag: string): Promise<string> {
  await using other = await Side.peer(program, folder, flag);
  const made: number[] = [];
  const endMs = performance.now() + BESIDE_MS_MAX;
  while (made.length < losses.length && performance.now() < endMs) made.push(...(await other.steps(1)).losses);
  const apart = scientific(largest(made, losses));
  return made.length < losses.length ? `${apart} (${made.length})` : apart;
}

/** The largest relative difference. */
function largest(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((loss, index) => Math.abs(loss - b[index]!) / Math.abs(b[index]!)));
}

function scientific(value: number): string {
  return value.toExponential(1);
}

const table: Table = {
  title: 'medians; MiB is the peak of our process, with the session of the forward pass and all batches',
  columns: [
    '',
    'step ms',
    'forward ms',
    'load ms',
    'MiB',
    'PyTorch ms',
    'losses apart',
    'PyTorch moved',
    'in float64',
    'first loss',
    'last',
  ],
  lines,
};
const trained = Number(values.epochs) === 0 ? [] : vibrationModels.filter((model) => values.models?.split(',').includes(model) ?? true);
const peerName = python === undefined ? 'no Python with PyTorch is installed, so nothing is compared with it' : 'against PyTorch';
print(
  {
    benchmark: 'training steps',
    method: `batch 64, one thread, ${count} steps in interleaved rounds of ${ROUND}, medians; ${peerName}`,
    tables: [...(lines.length === 0 ? [] : [table]), ...(trained.length === 0 ? [] : [await epochsTable(trained, Number(values.epochs))])],
    rows,
  },
  values.json,
);
