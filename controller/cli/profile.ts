/** `controller profile`: measures devices on purpose, so that times can be predicted. Each of its words is a command of its own. */
import type { CommandGroup } from './command.ts';

const help = `Learns how fast devices are: what it is predicted from is measured here.

Usage: controller profile WORD [OPTIONS]

  collect   measures models, segments of them and kernels on devices, under load
  list      what was measured
  export    all samples as CSV

  controller profile WORD --help   all options of a word

For example: controller profile collect --models resnet18,mobilenetv2 --load 0,50%
             controller profile export --csv samples.csv
`;

export const profileCommands: CommandGroup = {
  help,
  words: {
    collect: async () => (await import('./profile-collect.ts')).profileCollectCommand,
    list: async () => (await import('./profile-list.ts')).profileListCommand,
    export: async () => (await import('./profile-export.ts')).profileExportCommand,
  },
};
