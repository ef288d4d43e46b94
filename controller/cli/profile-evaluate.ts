/** `controller profile evaluate`: how good predictions are, for what they were not learnt from. */
import { resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MeshError } from '../../mesh/error.ts';
import { evaluate } from '../profiler/evaluation/evaluate.ts';
import { judgedKind } from '../profiler/evaluation/identity.ts';
import { profiler } from '../profiler/evaluation/profiler.ts';
import { type SplitName, splitNames } from '../profiler/evaluation/splits.ts';
import type { Sample } from '../profiler/sample.ts';
import { evaluationHtml } from '../report/evaluation-html.ts';
import { evaluationText } from '../report/evaluation-text.ts';
import { dataFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { parseSeed } from './bench-options.ts';
import type { Command, Io } from './command.ts';
import { oneOf, parseOptions } from './options.ts';
import { checkPage, showPage, writePage } from './write-page.ts';

const help = `Says how good predictions are: learns from a part of what was measured, predicts the rest, and compares.

Usage: controller profile evaluate [--report FILE] [--open] [--split NAME[,NAME]...] [--seed N] [--json] [--data DIR]

  --split LIST     what is held out (default: all)
                     rows     a tenth of the rows by chance: as it is usually published, and it leaks
                     model    all of a model
                     family   all models with the same building blocks
                     device   all of a device, which is then known by 0, 1, 3, 10, 50 timings
                     forward  what was measured later
  --seed N         of all that is left to chance (default 0)
  --report FILE    a page with plots, which needs no network; an older one is replaced
  --open           shows it in the browser (without --report: profile-evaluation.html, in this folder)
  --json           all figures on stdout instead (docs/schema/evaluation.schema.json)
  --data DIR       where samples are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Whole models and parts of models are told apart, next to what simple predictions reach, and to how well a repeat is predicted by the others. It
learns anew for everything that is held out: that takes minutes.
`;

const kinds = { split: 'text', seed: 'text', report: 'text', open: 'flag', json: 'flag', data: 'text' } as const;

/** Of --open by itself. */
const PAGE = 'profile-evaluation.html';

export const profileEvaluateCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('profile evaluate', argv, kinds, 0);
    const { json = false, open = false } = values;
    const splits = parseSplits(values.split);
    const seed = parseSeed(values.seed);
    const path = values.report ?? (open ? PAGE : undefined);
    if (path !== undefined) await checkPage(path, '--report');
    const samples = await samplesOf(dataFolder(values.data, io.env));
    const report = await evaluate(samples, profiler, { seed, splits, onFold: (split, fold, folds) => step(io, { split, fold, folds }) });
    if (io.terminal) io.stderr(ERASE_LINE);
    if (path !== undefined) await writePage(path, evaluationHtml(report), '--report');
    io.stdout(json ? `${JSON.stringify(report, undefined, 2)}\n` : evaluationText(report, io.tableColumns));
    if (path !== undefined && !json) io.stdout(`\n${resolve(path)}\n`);
    if (path !== undefined && open) await showPage(path, io);
    return 0;
  },
};

function parseSplits(text: string | undefined): readonly SplitName[] {
  if (text === undefined) return splitNames;
  const given = new Set(text.split(',').map((word) => oneOf('--split', word.trim(), splitNames)));
  return splitNames.filter((name) => given.has(name));
}

async function samplesOf(folder: string): Promise<readonly Sample[]> {
  await using store = await ProfileStore.open(folder);
  const samples = await store.samples();
  if (samples.some((sample) => judgedKind(sample) !== undefined)) return samples;
  throw new MeshError('not-found', 'no model and no part of one was measured yet', {
    hint: 'controller profile collect measures some; --data says where they are',
  });
}

const ERASE_LINE = '\r\x1b[2K';

/** Learning does not let go of the thread: between folds others get their turn, so that Ctrl-C is heard. */
async function step(
  io: Io,
  { split, fold, folds }: { readonly split: SplitName; readonly fold: number; readonly folds: number },
): Promise<void> {
  if (io.terminal) io.stderr(`${ERASE_LINE}${split}: ${fold + 1} of ${folds}`);
  await turn();
  if (io.signal.aborted) throw new MeshError('cancelled', 'the evaluation was stopped before it was done');
}
