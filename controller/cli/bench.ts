/** `controller bench`: benchmark runs under limits. Each of its words is a command of its own. */
import type { CommandGroup } from './command.ts';

const help = `Measures models and programs on a device under limits of memory and CPU.

Usage: controller bench WORD [OPTIONS]

  run      one run: its outcome and all it used
  sweep    the same again and again while one limit changes; or the smallest memory that does
  show     a run again
  list     what was measured on this machine

  controller bench WORD --help   all options of a word

For example: controller bench run --model resnet18 --memory 256MiB --cpu 0.5
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
  },
};
