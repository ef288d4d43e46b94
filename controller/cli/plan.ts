/** `controller plan`: which layers should run where, what that is foretold to give, and what would help. */
import { readFile, writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { formatBytes, parseBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { STAGE_PROCESS_BYTES } from '../../mesh/stage-memory.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import { parseDevicesFile } from '../plan/devices-file.ts';
import type { PlanFleet } from '../plan/plan-fleet.ts';
import { compareStrategies, type PlannedModel, type PlanWish, planModel } from '../plan/plan-model.ts';
import { placedStages, planFileText } from '../plan/plan-out.ts';
import { type PlanReport, planReportOf } from '../plan/plan-report.ts';
import { whatIf } from '../plan/what-if.ts';
import { planText } from '../report/plan-text.ts';
import { strategies } from '../scheduler/pipeline/strategies/registry.ts';
import type { Command, Io } from './command.ts';
import { LiveView, watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { needed, oneOf, parseOptions, wholeNumber } from './options.ts';
import { PlanSearch } from './plan-search.ts';
import { parseRunOptions } from './run-options.ts';
import { recorded, withMesh } from './run-setup.ts';
import { asked } from './usage.ts';

const help = `Plans where the layers of a model should run, foretells what that gives, and says how good it is.

Usage: controller plan MODEL [--devices FILE.json] [OPTIONS]

  MODEL                a name (resnet, mobilenetv2, …) or the path of an .onnx file
  --devices FILE.json  devices and links:
                         {"devices": [{"name": "pi", "count": 4, "gmacPerS": 6, "memory": "1GB"},
                                      {"name": "box", "times": {"resnet18": {"1-12": 9.5, "13-31": 8.1}}}],
                          "links": {"mbitPerS": 940, "latencyMs": 0.3, "between": [{"from": "pi-1", "to": "box", "mbitPerS": 94}]},
                          "source": "pi-1", "sink": "controller"}
                       gmacPerS: 10⁹ multiply-accumulates per second; or times: milliseconds of layers as they were measured. More of a
                       device: memoryGBPerS, layerMs (spent on each layer), cpuMsPerMB and cpuMsPerMessage (to send or receive),
                       activeWatts (default 1), radioNanojoulesPerByte. source, sink: a device, or controller (default); null: no matter where.
                       frameMs: frames can't follow each other faster, whatever computes them (what source and sink do for each).
                       codecs: [{"name": "lz4", "ratio": 0.6, "encodeMBPerS": 400, "decodeMBPerS": 1500, "error": 0}]
                       Without it the devices of the mesh are measured, as controller run --split MODEL@auto does

Mesh: none configured starts a private one on this machine, for the time of the command
  --nats URL           the mesh's NATS server (default: NATS_URL)
  --mesh NAME          which mesh of several that share the server (default: default)
  --on DEV,DEV,…       devices to choose from (default: all)
  --threads N          threads a stage computes with
  --listen HOST:PORT   where devices reach this controller
  --insecure           listen beyond loopback although traffic is not encrypted: only on a network you trust
  --data DIR           where measuring runs are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

What is wanted
  --objective NAME     throughput (default), latency, energy
  --memory SIZE        what stages may take on each device, at most (512MB)
  --error-budget E     what codecs may add to the relative error of the tensors between stages, all together (default 0: lossless)
  --no-replicate       a device for each stage; by default several may take turns with the frames of one
  --top N              the best plans of N different sets of devices (default 1)

Results
  --compare NAMES      all, or some of these, under the same prices:
${strategies.map(({ name, summary }) => `                         ${name.padEnd(21)}${summary}`).join('\n')}
  --out FILE.json      write the plan, for controller run --split MODEL --plan FILE.json
  --json               one JSON object on stdout (docs/schema/plan.schema.json)

Throughput is foretold for frames that come as fast as they can; latency for a frame alone. With up to 8 devices all cuts,
orders of devices and teams are gone through: a plan is the best there is at these prices. With more it says how far from the best it can be.
`;

const kinds = {
  devices: 'text',
  objective: 'text',
  memory: 'text',
  'error-budget': 'text',
  'no-replicate': 'flag',
  top: 'text',
  compare: 'text',
  out: 'text',
  json: 'flag',
  nats: 'text',
  mesh: 'text',
  on: 'text',
  threads: 'text',
  listen: 'text',
  insecure: 'flag',
  data: 'text',
} as const;

/** What can't be said of a mesh that is described by a file. */
const meshOptions = ['nats', 'mesh', 'on', 'threads', 'listen', 'insecure', 'data'] as const;

const ALL = 'all';

export const planCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('plan', argv, kinds, 1);
    const name = needed(positionals[0], 'the model', 'controller plan MODEL, for example controller plan resnet --devices lab.json');
    const file = values.devices;
    const alien = file === undefined ? undefined : meshOptions.find((option) => values[option] !== undefined);
    if (alien !== undefined) {
      throw new MeshError('usage', `--${alien} can't be combined with --devices`, {
        hint: '--devices describes the devices; without it those of a mesh are measured',
      });
    }
    const wish: PlanWish = {
      objective: oneOf('--objective', values.objective ?? 'throughput', ['throughput', 'latency', 'energy']),
      replicate: values['no-replicate'] !== true,
      top: values.top === undefined ? 1 : wholeNumber('--top', values.top, 1),
      errorMax: values['error-budget'] === undefined ? 0 : atLeastNothing('--error-budget', values['error-budget']),
    };
    const chosen = chooseStrategies(values.compare);
    const memoryMax = values.memory === undefined ? Number.POSITIVE_INFINITY : memoryOf('--memory', values.memory);
    const basis = file === undefined ? await measured(name, values, wish, memoryMax, io) : await described(name, file, memoryMax, io);
    const { report, planFile } = await asked(() => plan(basis, wish, chosen, io));
    if (planFile === undefined) throw noRoom(basis);
    if (values.out !== undefined) {
      await writePlan(values.out, planFile);
      if (report.plans[0]!.stages.some(({ codec }) => codec !== 'none'))
        io.stderr('controller: warning: a plan file says nothing about codecs; controller run --codec does, for all links\n');
    }
    io.stdout(values.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : planText(report, io.tableColumns));
    if (values.out !== undefined && values.json !== true)
      io.stdout(`\nto carry it out  controller run --split ${name} --plan ${values.out}\n`);
    return 0;
  },
};

/** What a plan is made from. */
interface Basis {
  readonly model: PlannedModel;
  readonly fleet: PlanFleet;
}

async function described(name: string, file: string, memoryMax: number, io: Io): Promise<Basis> {
  const fleet = await asked(async () => parseDevicesFile(await textOf(file), file));
  const model = await watched(io, (watch) => asked(() => loadModel(name, io, watch)));
  const devices = fleet.devices.map((device) => ({ ...device, memoryBytes: Math.min(device.memoryBytes, memoryMax) }));
  return { model, fleet: { ...fleet, devices } };
}

/** The devices of a mesh, with times of all stages of the best plan. */
async function measured(name: string, values: MeshValues, wish: PlanWish, memoryMax: number, io: Io): Promise<Basis> {
  const given = meshOptions.flatMap((option) => {
    const value = values[option];
    return value === undefined ? [] : value === true ? [`--${option}`] : [`--${option}`, String(value)];
  });
  const options = parseRunOptions(['--split', `${name}@auto`, '--verify', 'off', ...given]);
  const view = new LiveView(io);
  try {
    return await withMesh(options, io, view, async (setup) => {
      const search = new PlanSearch(setup, options, { ...wish, top: 1 }, { memoryMax });
      await recorded(
        setup.first,
        setup.tools,
        () => search.run(),
        () => ({}),
      );
      return { model: search.model, fleet: search.fleet() };
    });
  } finally {
    view.close();
  }
}

type MeshValues = { readonly [option in (typeof meshOptions)[number]]?: string | boolean };

async function plan(
  { model, fleet }: Basis,
  wish: PlanWish,
  chosen: readonly string[],
  io: Io,
): Promise<{ readonly report: PlanReport; readonly planFile: string | undefined }> {
  const startMs = io.now();
  const result = planModel(model, fleet, wish);
  const solveMs = io.now() - startMs;
  const best = result.plans[0];
  const compared = compareStrategies(result, chosen);
  // Planning stands in the way of Ctrl-C: let it in now and then.
  const pause = async (): Promise<void> => {
    await setImmediate();
    if (io.signal.aborted) throw new MeshError('cancelled', 'interrupted');
  };
  const changes = best === undefined ? [] : await whatIf(model, fleet, wish, best.value, pause);
  const report = planReportOf({ model: model.name, fleet, wish, result, compared, whatIf: changes, solveMs });
  const names = fleet.devices.map((device) => device.name);
  return { report, planFile: best === undefined ? undefined : planFileText(placedStages(best.plan, result.costs.lattice, names)) };
}

function noRoom({ model: { name, layered }, fleet: { devices } }: Basis): MeshError {
  const rooms = devices.map((device) => `${device.name} ${formatBytes(device.memoryBytes)}`);
  const weights = layered.layers.map(({ weightBytes }) => weightBytes);
  const all = formatBytes(weights.reduce((sum, each) => sum + each, 0));
  return new MeshError('exhausted', `no pipeline of ${name} fits into the memory of its devices: ${rooms.join(', ')}`, {
    hint: `all weights take ${all}, the largest layer ${formatBytes(Math.max(...weights))}; every stage needs ${formatBytes(STAGE_PROCESS_BYTES)} besides`,
  });
}

function memoryOf(option: string, text: string): number {
  try {
    return parseBytes(text);
  } catch (error) {
    throw new MeshError('usage', `${option}: ${MeshError.from(error).message}`, { cause: error });
  }
}

function chooseStrategies(text: string | undefined): readonly string[] {
  const names = strategies.map(({ name }) => name);
  if (text === undefined) return [];
  return text === ALL ? names : text.split(',').map((name) => oneOf('--compare', name.trim(), [ALL, ...names]));
}

function atLeastNothing(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new MeshError('usage', `${option}: "${text}" is not a number of at least 0`);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new MeshError('not-found', `--devices: ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

async function writePlan(file: string, text: string): Promise<void> {
  try {
    await writeAside(file, (aside) => writeFile(aside, text));
  } catch (error) {
    throw new MeshError('failed', `--out: ${file} can't be written: ${(error as Error).message}`, { cause: error });
  }
}
