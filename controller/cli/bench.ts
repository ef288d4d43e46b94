/** `controller bench`: benchmark runs under limits. Each of its words is a command of its own. */
import type { CommandGroup } from './command.ts';

const help = `Measures models and programs on a device under limits of memory and CPU.

Usage: controller bench WORD [OPTIONS]

  run      one run: its outcome and all it used; or a descriptor: a benchmark in a file, with its history
  sweep    the same again and again while one limit changes; or the smallest memory that does
  show     a run again
  list     what was measured on this machine, and what is scheduled

Descriptors (docs/descriptors.md)
  validate all that is wrong with one
  get      a task: what was asked for, and what became of it
  results  what it measured
  compare  whether one is better or worse than another
  history  a benchmark over time, with what changed
  alarms   what got worse
  cancel   ends a task
  delete   removes a task, or ends a schedule

  controller bench WORD --help   all options of a word

For example: controller bench run --model resnet18 --memory 256MiB --cpu 0.5
             controller bench run examples/benchmarks/resnet18-half.toml
             controller bench sweep --model resnet18 --limit memory --from 512MiB --to 64MiB --step 64MiB
             controller report --sweep last --open
`;

export const benchCommands: CommandGroup = {
  help,
  words: {
    run: async () => (await import('./bench-run.ts')).benchRunCommand,
    sweep: async () => (await import('./bench-sweep.ts')).benchSweepCommand,
    show: async () => (await import('./bench-show.ts')).benchShowCommand,
    list: async () => (await import('./bench-list.ts')).benchListCommand,
    validate: async () => (await import('./bench-validate.ts')).benchValidateCommand,
    get: async () => (await import('./bench-get.ts')).benchGetCommand,
    results: async () => (await import('./bench-results.ts')).benchResultsCommand,
    compare: async () => (await import('./bench-compare.ts')).benchCompareCommand,
    history: async () => (await import('./bench-history.ts')).benchHistoryCommand,
    alarms: async () => (await import('./bench-alarms.ts')).benchAlarmsCommand,
    cancel: async () => (await import('./bench-cancel.ts')).benchCancelCommand,
    delete: async () => (await import('./bench-delete.ts')).benchDeleteCommand,
  },
};
