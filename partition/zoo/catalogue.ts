/** The models that come with splitmesh, by name. Each is a function of a seed; a cached file is as good as a call. */
import { MeshError } from '../../mesh/error.ts';
import type { Model } from '../model.ts';
import { alexnet } from './alexnet.ts';
import { lenet } from './lenet.ts';
import { mlp } from './mlp.ts';
import { mobilenetv2 } from './mobilenetv2.ts';
import { resnet18, resnet50 } from './resnet.ts';
import { squeezenet } from './squeezenet.ts';
import { vgg16 } from './vgg.ts';

export interface ZooEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  build(seed: number): Model;
}

/** Raise it when the bytes of any model change; cached files of another version are not used. */
export const ZOO_VERSION = 1;
/** The seed of the models that commands use. */
export const ZOO_SEED = 1;

export const zoo: readonly ZooEntry[] = [
  { name: 'resnet18', aliases: ['resnet'], build: resnet18 },
  { name: 'resnet50', aliases: [], build: resnet50 },
  { name: 'mobilenetv2', aliases: ['mobilenet'], build: mobilenetv2 },
  { name: 'vgg16', aliases: ['vgg'], build: vgg16 },
  { name: 'alexnet', aliases: [], build: alexnet },
  { name: 'squeezenet', aliases: ['squeezenet1.1'], build: squeezenet },
  { name: 'lenet', aliases: ['lenet5'], build: lenet },
  { name: 'mlp', aliases: [], build: mlp },
];

/** The entry with this name or alias, undefined when there is none. */
export function findZooModel(name: string): ZooEntry | undefined {
  return zoo.find((entry) => entry.name === name || entry.aliases.includes(name));
}

/** As {@link findZooModel}. Error `not-found` that lists the names. */
export function zooModel(name: string): ZooEntry {
  const found = findZooModel(name);
  if (found !== undefined) return found;
  throw new MeshError(
    'not-found',
    `there is no model "${name}"; models that come with splitmesh: ${zoo.map((entry) => entry.name).join(', ')}`,
    {
      hint: 'choose one of these, or give the path of an .onnx file',
    },
  );
}
