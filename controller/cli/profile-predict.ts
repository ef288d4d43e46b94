/** `controller profile predict`: how long a model takes on each device, without running it there. */
import { MeshError } from '../../mesh/error.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { predictionText } from '../report/prediction-text.ts';
import { parseThreads } from './bench-options.ts';
import type { Command } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { predictionOf } from './prediction-of.ts';

const usage = 'controller profile predict MODEL';

const help = `Predicts how long a model takes on each device, without running it there. Fastest first.

Usage: ${usage} [--device D,D] [OPTIONS]

  MODEL            a name (resnet18, mobilenetv2, …) or the path of an .onnx file
  --device D,D     only these (default: all of the mesh; without a mesh all that were ever measured, as if nothing else ran on them)
  --threads N      that ONNX Runtime computes with (default: as many as whole cores of the device)
  --nats URL       the mesh's NATS server (default: NATS_URL)
  --mesh NAME      which mesh of several that share the server (default: default)
  --data DIR       what was measured (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
  --json           as JSON on stdout; an interval that nobody knows is null

The interval holds in 90 of 100 cases: it is made of how far off predictions were for models that the profiler had not seen. "infinite": too few of them
to say. Measured: samples of this device that the prediction stands on.

Exit code: 0 good, 1 nothing can be said, 2 the command line can't be carried out.
`;

const kinds = { device: 'text', threads: 'text', nats: 'text', mesh: 'text', data: 'text', json: 'flag' } as const;

export const profilePredictCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('profile predict', argv, kinds, 1);
    const model = needed(positionals[0], 'the model', usage);
    const answer = await predictionOf(
      {
        ...{ model, choice: chooseMesh(values, io.env), data: values.data, threads: parseThreads(values.threads) },
        devices: values.device?.split(',') ?? [],
      },
      io,
    );
    if (answer.places.length === 0) throw new MeshError('failed', `nothing can be said of ${answer.subject.model}`);
    io.stdout(values.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : predictionText(answer, io.tableColumns));
    return 0;
  },
};
