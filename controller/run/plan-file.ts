/**
 * `--plan FILE.json`: a plan written by hand. It says which layers make up each stage and where the stage runs; which tensors travel is
 * read off the model.
 *
 *     { "stages": { "stem": { "layers": "1-4", "device": "pi1" }, "left": { "layers": "5,7-9" }, … } }
 *
 * A stage on several devices, which take turns with the frames; pi2 gets two of three:
 *
 *     { "stages": { "whole": { "layers": "all", "devices": ["pi1", "pi2"], "shares": [1, 2] } } }
 */
import { MeshError } from '../../mesh/error.ts';
import { isName } from '../../mesh/name.ts';
import { replicaId } from '../../partition/replicate.ts';
import { turnsOfShares } from '../../partition/share-turns.ts';

export interface PlannedStage {
  readonly id: string;
  /** Layer numbers, ascending. */
  readonly layers: readonly number[];
  readonly device: string | undefined;
  /** When it runs on several devices: these, and how many frames each gets, in proportion. `device` is undefined then. */
  readonly replicas?: { readonly devices: readonly string[]; readonly shares: readonly number[] };
}

/** Stages in the order of the file. Error `usage` that names the place in the file. `layerCount`: how many the model has. */
export function parsePlanFile(text: string, file: string, layerCount: number): PlannedStage[] {
  const wrong: Wrong = (what) =>
    new MeshError('usage', `${file}: ${what}`, { hint: 'expected {"stages": {"stage1": {"layers": "1-4,7", "device": "pi1"}, …}}' });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON: ${(error as Error).message}`);
  }
  const stages = fieldOf(json, 'stages');
  if (!isObject(stages) || Object.keys(stages).length === 0) throw wrong('"stages" is missing or empty');
  const planned = Object.entries(stages).map(([id, value]): PlannedStage => {
    if (!isName(id) || id === 'source' || id === 'sink') throw wrong(`"${id}" can't be the name of a stage`);
    const layers = fieldOf(value, 'layers');
    if (typeof layers !== 'string') throw wrong(`stage "${id}" has no "layers", for example "1-4,7"`);
    const place = placeOf(id, value, wrong);
    return { id, ...place, layers: parseLayers(layers, layerCount, (what) => wrong(`stage "${id}": ${what}`)) };
  });
  refuseSameNames(planned, wrong);
  return planned;
}

type Wrong = (what: string) => MeshError;

/** Where the stage runs: anywhere, on a device, or on several. */
function placeOf(id: string, value: unknown, wrong: Wrong): Pick<PlannedStage, 'device' | 'replicas'> {
  const device = fieldOf(value, 'device');
  const devices = fieldOf(value, 'devices');
  const shares = fieldOf(value, 'shares');
  if (device !== undefined && typeof device !== 'string') throw wrong(`the device of stage "${id}" is no text`);
  if (devices === undefined) {
    if (shares !== undefined) throw wrong(`stage "${id}" has "shares" but no "devices" to share its frames`);
    return { device };
  }
  if (device !== undefined) throw wrong(`stage "${id}" has both "device" and "devices"`);
  if (!isListOf(devices, 'string') || devices.length === 0) throw wrong(`the devices of stage "${id}" are no list of names`);
  const checked = sharesOf(id, shares ?? devices.map(() => 1), devices.length, wrong);
  return devices.length === 1 ? { device: devices[0] } : { device: undefined, replicas: { devices, shares: checked } };
}

function sharesOf(id: string, shares: unknown, count: number, wrong: Wrong): readonly number[] {
  if (!isListOf(shares, 'number') || shares.length !== count) {
    throw wrong(`the shares of stage "${id}" are no list of ${count} numbers, one for each device`);
  }
  try {
    turnsOfShares(shares);
  } catch (error) {
    throw wrong(`stage "${id}": ${MeshError.from(error).message}`);
  }
  return shares;
}

/** Replicas have names of their own, made from their stage's. */
function refuseSameNames(planned: readonly PlannedStage[], wrong: Wrong): void {
  const ids = new Set(planned.map(({ id }) => id));
  for (const { id, replicas } of planned) {
    for (const index of replicas?.devices.keys() ?? []) {
      const name = replicaId(id, index);
      if (ids.has(name)) throw wrong(`stage "${name}" has the name of a replica of stage "${id}"`);
      if (!isName(name)) throw wrong(`"${id}" is too long for the name of a stage on several devices`);
    }
  }
}

/** `1-4,7` → 1, 2, 3, 4, 7; `all` → every layer. */
export function parseLayers(text: string, layerCount: number, wrong: Wrong): number[] {
  if (text.trim() === 'all') return Array.from({ length: layerCount }, (_, index) => index + 1);
  const layers = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (match === null) throw wrong(`"${part}" is neither a layer number nor a range like 3-7`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first < 1 || last < first || last > layerCount)
      throw wrong(`layers ${part.trim()} are out of range: the model has layers 1 to ${layerCount}`);
    for (let layer = first; layer <= last; layer += 1) layers.add(layer);
  }
  return [...layers].sort((a, b) => a - b);
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isListOf<T extends 'string' | 'number'>(value: unknown, type: T): value is (T extends 'string' ? string : number)[] {
  return Array.isArray(value) && value.every((each) => typeof each === type);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
