/**
 * `--plan FILE.json`: a plan written by hand. It says which layers make up each stage and where the stage runs; which tensors travel is
 * read off the model.
 *
 *     { "stages": { "stem": { "layers": "1-4", "device": "pi1" }, "left": { "layers": "5,7-9" }, … } }
 */
import { MeshError } from '../../mesh/error.ts';
import { isName } from '../../mesh/name.ts';

export interface PlannedStage {
  readonly id: string;
  /** Layer numbers, ascending. */
  readonly layers: readonly number[];
  readonly device: string | undefined;
}

/** Stages in the order of the file. Error `usage` that names the place in the file. `layerCount`: how many the model has. */
export function parsePlanFile(text: string, file: string, layerCount: number): PlannedStage[] {
  const wrong = (what: string): MeshError =>
    new MeshError('usage', `${file}: ${what}`, { hint: 'expected {"stages": {"stage1": {"layers": "1-4,7", "device": "pi1"}, …}}' });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON: ${(error as Error).message}`);
  }
  const stages = fieldOf(json, 'stages');
  if (!isObject(stages) || Object.keys(stages).length === 0) throw wrong('"stages" is missing or empty');
  return Object.entries(stages).map(([id, value]) => {
    if (!isName(id) || id === 'source' || id === 'sink') throw wrong(`"${id}" can't be the name of a stage`);
    const layers = fieldOf(value, 'layers');
    const device = fieldOf(value, 'device');
    if (typeof layers !== 'string') throw wrong(`stage "${id}" has no "layers", for example "1-4,7"`);
    if (device !== undefined && typeof device !== 'string') throw wrong(`the device of stage "${id}" is no text`);
    return { id, device, layers: parseLayers(layers, layerCount, (what) => wrong(`stage "${id}": ${what}`)) };
  });
}

/** `1-4,7` → 1, 2, 3, 4, 7. */
export function parseLayers(text: string, layerCount: number, wrong: (what: string) => MeshError): number[] {
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
