/** `controller place`: runs a model on the device where it is predicted to be fastest. */
import { MeshError } from '../../mesh/error.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { predictionText } from '../report/prediction-text.ts';
import type { Command } from './command.ts';
import { needed } from './options.ts';
import { predictionOf } from './prediction-of.ts';
import { runCommand } from './run.ts';
import { parseRunOptions } from './run-options.ts';

const usage = 'controller place MODEL --nats URL [OPTIONS OF controller run]';

const help = `Puts a model on the device of the mesh where it is predicted to be fastest, and streams frames through it.

Usage: ${usage}

  MODEL   a name (resnet18, mobilenetv2, …) or the path of an .onnx file

Predicts as controller profile predict does, from what the devices do now, takes the fastest that can be reached, and goes on as
controller run --split MODEL --on DEVICE. All options of controller run are taken, but --split, --plan and --on: --frames, --input, --detach (it
stays there until controller stop), --json, …  Measured times correct later predictions.

Exit code: as controller run.
`;

export const placeCommand: Command = {
  help,
  async run(argv, io) {
    const [model, ...rest] = argv;
    if (model?.startsWith('-') === true) throw new MeshError('usage', `the model comes first, not ${model}`, { hint: usage });
    const alien = rest.find((word) => /^--(split|plan|on)(=|$)/.test(word));
    if (alien !== undefined)
      throw new MeshError('usage', `${alien} is not for place: where the model runs is what it finds out`, { hint: usage });
    const split = ['--split', needed(model, 'the model', usage)];
    const { nats, mesh, threads, data } = parseRunOptions([...split, ...rest]);
    const choice = chooseMesh({ nats, mesh }, io.env);
    if (choice.nats === undefined) {
      throw new MeshError('usage', 'no mesh is configured, so there is nothing to choose from', {
        hint: 'name its NATS server with --nats URL or NATS_URL; controller profile predict compares devices without a mesh',
      });
    }
    const answer = await predictionOf({ model: model!, choice, devices: [], threads: threads ?? 0, data }, io);
    // A device that nothing is known of is no place to choose.
    const [fastest] = answer.places.filter(({ prediction }) => prediction.measurements > 0);
    if (fastest === undefined) {
      throw new MeshError('failed', 'none of the devices was ever measured, so nobody can say where it is fastest', {
        hint: 'controller profile collect measures them',
      });
    }
    io.stderr(predictionText(answer, io.columns));
    const { device } = fastest.place.circumstance;
    io.stderr(`controller: ${answer.subject.model} goes to ${device}\n`);
    return await runCommand.run([...split, '--on', device, ...rest], io);
  },
};
