/** `controller run`: from a command line to a table. */
import { runText } from '../report/run-text.ts';
import { prepareReportFolder, writeReport } from '../report/write-report.ts';
import { dataFolder } from '../store/folders.ts';
import { RunStore } from '../store/store.ts';
import type { AutomaticRun } from './automatic-run.ts';
import type { Command, Io } from './command.ts';
import { detach } from './detach.ts';
import { LiveView } from './live-view.ts';
import type { PlannedRun } from './planned-run.ts';
import { parseRunOptions, type RunOptions, runHelp } from './run-options.ts';
import { measureStages, type PlannedRunResult, runPlan } from './run-plan.ts';
import { type Outcome, type RunSetup, recorded, withMesh } from './run-setup.ts';
import { isComplete, verdict } from './verdict.ts';

export const runCommand: Command = {
  help: runHelp,
  async run(argv, io) {
    const options = parseRunOptions(argv);
    if (options.detach) return await detach(options, io);
    if (options.report !== undefined) await prepareReportFolder(options.report);
    const view = new LiveView(io);
    try {
      const { report, measured } = await reportedRun(options, io, view);
      view.close();
      if (options.report !== undefined) {
        // By now everything is written.
        await using store = await RunStore.open(dataFolder(options.data, io.env));
        await writeReport(options.report, report, measured.frames.peaks.points, store);
      }
      io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : runText(report, io.tableColumns));
      return verdict(report, io);
    } finally {
      view.close();
    }
  },
};

/** From its options to its report, stored. `onSetup`: before it begins. */
export function reportedRun(
  options: RunOptions,
  io: Io,
  view: LiveView,
  onSetup: (setup: RunSetup) => Promise<void> = async () => {},
): Promise<PlannedRunResult> {
  return withMesh(options, io, view, async (setup) => {
    await onSetup(setup);
    return await recorded(setup.first, setup.tools, () => runSplit(setup, options), outcomeOf);
  });
}

export async function runSplit(setup: RunSetup, options: RunOptions): Promise<PlannedRunResult> {
  const { prepared, tools, output } = setup;
  const chosen = prepared.cut === undefined ? await searched(setup, options) : { planned: await balancedRun(setup), learn: async () => {} };
  const result = await runPlan(chosen.planned, tools);
  await chosen.learn(result.measured, result.report.changes === undefined);
  // Also after a failed verification: whoever looks for the cause needs the numbers.
  if (isComplete(result.report)) await output?.keep();
  return result;
}

async function searched(setup: RunSetup, options: RunOptions): Promise<AutomaticRun> {
  // Most runs do without the planner.
  const { automaticRun } = await import('./automatic-run.ts');
  return await automaticRun(setup, options);
}

/** Parts as large as their devices are fast, if that was wanted. */
async function balancedRun({ prepared: { cut }, first, seats, planRun, tools }: RunSetup): Promise<PlannedRun> {
  if (cut?.balance === undefined) return first;
  const computeMs = await measureStages(first, tools);
  return await planRun({ ...cut, ...cut.balance((stage) => computeMs.get(stage)) }, seats);
}

export function outcomeOf({ report }: PlannedRunResult): Outcome {
  const text = JSON.stringify(report);
  return report.verify.passed ? { report: text } : { report: text, error: 'verification failed' };
}
