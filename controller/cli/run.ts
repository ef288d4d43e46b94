/** `controller run`: from a command line to a table. */
import { runText } from '../report/run-text.ts';
import { prepareReportFolder, writeReport } from '../report/write-report.ts';
import { automaticRun } from './automatic-run.ts';
import type { Command, Io } from './command.ts';
import { LiveView } from './live-view.ts';
import type { PlannedRun } from './planned-run.ts';
import { parseRunOptions, type RunOptions, runHelp } from './run-options.ts';
import { measureStages, type PlannedRunResult, runPlan } from './run-plan.ts';
import { type Outcome, type RunSetup, recorded, withMesh } from './run-setup.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'cuts a model, streams frames through its stages, measures',
  help: runHelp,
  async run(argv, io) {
    const options = parseRunOptions(argv);
    if (options.report !== undefined) await prepareReportFolder(options.report);
    const view = new LiveView(io);
    try {
      const { report, rows } = await withMesh(options, io, view, (setup) =>
        recorded(setup.first, setup.tools, () => runSplit(setup, options), outcomeOf),
      );
      view.close();
      if (options.report !== undefined) await writeReport(options.report, report, rows);
      io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : runText(report, io.tableColumns));
      return verdict(report, io);
    } finally {
      view.close();
    }
  },
};

async function runSplit(setup: RunSetup, options: RunOptions): Promise<PlannedRunResult> {
  const { prepared, tools, output } = setup;
  const chosen =
    prepared.cut === undefined ? await automaticRun(setup, options) : { planned: await balancedRun(setup), learn: async () => {} };
  const result = await runPlan(chosen.planned, tools);
  await chosen.learn(result.rows);
  // Also after a failed verification: whoever looks for the cause needs the numbers.
  if (isComplete(result.report)) await output?.keep();
  return result;
}

/** Parts as large as their devices are fast, if that was wanted. */
async function balancedRun({ prepared: { cut }, first, seats, planRun, tools }: RunSetup): Promise<PlannedRun> {
  if (cut?.balance === undefined) return first;
  const computeMs = await measureStages(first, tools);
  return await planRun({ ...cut, ...cut.balance((stage) => computeMs.get(stage)) }, seats);
}

function outcomeOf({ report }: PlannedRunResult): Outcome {
  const text = JSON.stringify(report);
  return report.verify.passed ? { report: text } : { report: text, error: 'verification failed' };
}

function isComplete({ frames }: PlannedRunResult['report']): boolean {
  return frames.lost === 0 && frames.duplicated === 0 && frames.outOfOrder === 0;
}

function verdict(report: PlannedRunResult['report'], io: Io): number {
  const { verify } = report;
  if (!verify.passed) {
    io.stderr('controller: error: verification failed: the split model computes something else than the whole one\n');
    io.stderr('controller: hint: a model that draws random numbers always does (RandomNormal, Dropout in training mode): --verify off\n');
  }
  const complete = isComplete(report);
  if (!complete) io.stderr('controller: error: the output is not complete, each frame once and in order\n');
  return verify.passed && complete ? 0 : 1;
}
