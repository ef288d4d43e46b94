/** `controller profile`: learns how fast devices are, and predicts. Each of its words is a command of its own. */
import type { CommandGroup } from './command.ts';

const help = `Learns how fast devices are, and predicts how long a model or a part of it takes on each of them.

Usage: controller profile WORD [OPTIONS]

  collect   measures models, segments of them and kernels on devices, under load
  predict   how long a model takes on each device, without running it there
  evaluate  how good predictions are, for models and devices that were held out
  serve     answers over HTTP where a model runs fastest
  list      what was measured
  export    all samples as CSV

  controller profile WORD --help   all options of a word

For example: controller profile collect --emulate q1=1,q05=0.5 --models resnet18,mobilenetv2 --load 0,50%
             controller profile predict resnet50
`;

export const profileCommands: CommandGroup = {
  help,
  words: {
    collect: async () => (await import('./profile-collect.ts')).profileCollectCommand,
    predict: async () => (await import('./profile-predict.ts')).profilePredictCommand,
    evaluate: async () => (await import('./profile-evaluate.ts')).profileEvaluateCommand,
    serve: async () => (await import('./profile-serve.ts')).profileServeCommand,
    list: async () => (await import('./profile-list.ts')).profileListCommand,
    export: async () => (await import('./profile-export.ts')).profileExportCommand,
  },
};
