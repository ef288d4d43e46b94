/** `controller split MODEL@CUT --out DIR`: the stages of a cut as files that run in any ONNX Runtime. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import { formatSpec } from '../../mesh/tensor.ts';
import type { StageModel } from '../../partition/split.ts';
import { parseSplit } from '../../partition/split-spec.ts';
import { Digests, type StageFiles, stageFiles, writeStageFiles } from '../../partition/stage-files.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { splitByCuts } from '../run/split-by-cuts.ts';
import { bytes, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { needed, parseOptions } from './options.ts';
import { asked } from './usage.ts';

const help = `Writes the stages of a cut model as ONNX files that run in any ONNX Runtime.

Usage: controller split MODEL@CUT[,CUT...] --out DIR [--json]

  MODEL      a name (resnet, mobilenetv2, …) or the path of an .onnx file
  CUT        layerN (after layer N; see controller layers MODEL), the name of a node or tensor, or layers in parallel parts, such as
             tiles:1-10x3 (see controller run --help)
  --out DIR  where to write: an .onnx file for each stage, one file for each large weight, named by its SHA-256, and split.json, which
             says what each stage reads and hands on. Made if missing; weights that are there are kept
  --json     what split.json says, on stdout

Computed one after the other, each with what the ones before it hand on, the stages give what the whole model gives.
`;

const head: readonly Column[] = [
  { title: 'FILE' },
  { title: 'LAYERS' },
  { title: 'WEIGHTS', align: 'right' },
  { title: 'INPUTS', flexible: true },
  { title: 'OUTPUTS', flexible: true },
];

interface WrittenStage {
  readonly stage: StageModel;
  readonly files: StageFiles;
}

export const splitCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('split', argv, { out: 'text', json: 'flag' }, 1);
    const usage = 'controller split MODEL@CUT --out DIR, for example controller split resnet@layer12 --out stages';
    const text = needed(positionals[0], 'the model', usage);
    const folder = needed(values.out, '--out', usage);
    const { model, cuts } = parseSplit(text, (name) => findZooModel(name) !== undefined || existsSync(name));
    if (cuts.length === 0) throw new MeshError('usage', `"${text}" says nowhere to cut`, { hint: usage });
    const { layered, name } = await watched(io, (watch) => asked(() => loadModel(model, io, watch)));
    const { split, work, bytesBetween, withShares } = await asked(() => splitByCuts(layered, cuts));
    if (withShares !== undefined) {
      throw new MeshError('usage', `"${text}": without devices there are no speeds to follow`, { hint: 'give the shares, such as x2:1' });
    }
    const describe = (written: readonly WrittenStage[]): string => {
      const stages = written.map(({ stage: { id, layers, inputs, outputs }, files }) => ({
        id,
        layers,
        file: files.model.name,
        weights: files.weights.map((weight) => ({ file: weight.name, bytes: weight.bytes })),
        inputs,
        outputs,
      }));
      const costs = { bytesBetweenDevices: bytesBetween ?? null, ...(work === undefined ? {} : { parallelWork: work }) };
      return `${JSON.stringify({ model: name, stages, routes: split.routes, ...costs }, undefined, 2)}\n`;
    };
    const written = await writeStages(split.stages, folder, io.signal, describe);
    if (values.json === true) {
      io.stdout(describe(written));
      return 0;
    }
    const lines = [
      ...formatTable(head, written.map(row), io.tableColumns),
      '',
      ...(bytesBetween === undefined || split.stages.length === 1 ? [] : [`between devices  ${bytes(bytesBetween)} a frame`]),
      ...(work === undefined ? [] : [`in parallel      ${threeDigits(work)} × the work of the layers they replace`]),
      `written to       ${folder}`,
    ];
    io.stdout(`${lines.join('\n')}\n`);
    return 0;
  },
};

/** Errors: `failed` when the folder can't be written; `cancelled` between two stages. What was written before stays. */
async function writeStages(
  stages: readonly StageModel[],
  folder: string,
  signal: AbortSignal,
  describe: (written: readonly WrittenStage[]) => string,
): Promise<WrittenStage[]> {
  const digests = new Digests();
  const written: WrittenStage[] = [];
  try {
    await makeFolders(folder);
    for (const stage of stages) {
      if (signal.aborted) throw new MeshError('cancelled', 'interrupted');
      const files = await stageFiles(stage.model, digests, `${stage.id}.onnx`);
      await writeStageFiles(files, folder);
      written.push({ stage, files });
    }
    await writeFile(join(folder, 'split.json'), describe(written));
  } catch (thrown) {
    if (thrown instanceof MeshError) throw thrown;
    throw new MeshError('failed', `the stages could not be written to ${folder}: ${(thrown as Error).message}`, {
      cause: thrown,
      hint: 'choose a folder that can be written to and has room for them',
    });
  }
  return written;
}

function row({ stage, files }: WrittenStage): string[] {
  const weightBytes = files.weights.reduce((sum, weight) => sum + weight.bytes, files.model.bytes);
  const list = (specs: StageModel['inputs']): string => specs.map((spec) => `${spec.name} ${formatSpec(spec)}`).join(', ');
  return [files.model.name, stage.layers, bytes(weightBytes), list(stage.inputs), list(stage.outputs)];
}
