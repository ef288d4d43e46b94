/** `controller outputs`: what a detached run has written into its stream, as a file. */

import { OutputStreamReader } from '../../mesh/bus/nats-outputs.ts';
import { clockOf, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver } from '../../mesh/run-order.ts';
import type { Outputs } from '../../mesh/wire-outputs.ts';
import { MeshRuns } from '../detached/mesh-runs.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { NpyOutput } from '../run/npy-output.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions } from './options.ts';

const usage = 'controller outputs RUN --output FILE.npy [--follow] [--remove]';

const help = `Writes the outputs of a detached run that was started with --output stream to a file of this machine, each frame once and in order.

Usage: ${usage} [--nats URL] [--mesh NAME]

  RUN                a run's name: controller status lists them
  --output FILE.npy  where to, stacked; FILE.NAME.npy each when there are several
  --follow           goes on until the run is over (default: what is there now)
  --remove           deletes the stream when everything is written; the run must be over
  --nats URL         the mesh's NATS server (default: NATS_URL)
  --mesh NAME        which mesh of several that share the server (default: default)

Others can read the stream, too: mesh_MESH_out_RUN, messages OutputPart of proto/mesh/v1/runs.proto.
`;

const LOOK_MS = 300;

export const outputsCommand: Command = {
  help,
  async run(argv, io) {
    const kinds = { output: 'text', follow: 'flag', remove: 'flag', nats: 'text', mesh: 'text' } as const;
    const { values, positionals } = parseOptions('outputs', argv, kinds, 1);
    const run = needed(positionals[0], 'the run', usage);
    const path = needed(values.output, '--output', usage);
    await using mesh = await MeshRuns.open(chooseMesh(values, io.env), io.signal);
    const reader = new OutputStreamReader({ connection: () => mesh.bus.connection, name: mesh.subjects.outputs(run) });
    if (values.remove === true && values.follow !== true && !(await over(mesh, run))) {
      throw new MeshError('conflict', `run ${run} is not over: its outputs can't be removed`, { hint: 'wait for it with --follow' });
    }
    const frames = await write(reader, path, values.follow === true ? () => over(mesh, run) : async () => true, io);
    if (values.remove === true) await reader.remove();
    io.stdout(`${frames} frames written to ${path}\n`);
    return 0;
  },
};

async function over(mesh: MeshRuns, run: string): Promise<boolean> {
  return isOver((await mesh.records.find(run)).record);
}

/** Returns how many frames were written. `isOver`: whether no more will come. */
async function write(reader: OutputStreamReader, path: string, isOver: () => Promise<boolean>, { now, signal }: Io): Promise<number> {
  let output: NpyOutput | undefined;
  let frames = 0;
  try {
    for (let last = false; ; ) {
      for await (const { frame, outputs } of reader.read()) {
        signal.throwIfAborted();
        output ??= await NpyOutput.create(path, namesOf(outputs, frame), []);
        await (outputs === undefined ? output.skip(frame, Number(frame)) : output.take(frame, outputs, Number(frame)));
        frames += 1;
      }
      if (last) break;
      last = await isOver();
      if (!last) await pause(clockOf(now), LOOK_MS, signal);
    }
    await output?.sync();
    await output?.keep();
    return frames;
  } finally {
    await output?.close();
  }
}

function namesOf(outputs: Outputs, frame: bigint): string[] {
  if (outputs !== undefined) return [...outputs.keys()];
  throw new MeshError('invalid', `frame ${frame}, the first, has no outputs: nobody knows the shape of what is missing`);
}
