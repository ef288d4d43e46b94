/** The models that come with splitmesh, by name. Each is a function of a seed; a cached file is as good as a call. */
import { MeshError } from '../../mesh/error.ts';
import type { Model } from '../model.ts';
import { alexnet, alexnetMobihoc2022 } from './alexnet.ts';
import { ae1d, sae1d } from './autoencoder1d.ts';
import { bilstm1d } from './bilstm1d.ts';
import { densenet121 } from './densenet.ts';
import { efficientnetB0 } from './efficientnet.ts';
import { googlenet } from './googlenet.ts';
import { gptTiny } from './gpt.ts';
import { inceptionv3 } from './inceptionv3.ts';
import { lenet } from './lenet.ts';
import { mlp } from './mlp.ts';
import { mobilenetv2 } from './mobilenetv2.ts';
import { resnet1d, resnet18, resnet50 } from './resnet.ts';
import { shufflenetv2 } from './shufflenetv2.ts';
import { squeezenet } from './squeezenet.ts';
import { unet } from './unet.ts';
import { vgg16 } from './vgg.ts';
import { alexnet1d, cnn1d, lenet1d, mlp1d } from './vibration.ts';
import { vitTiny } from './vit.ts';
import { yoloTiny } from './yolo.ts';

export interface ZooEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  /** `classes`: of those that tell vibrations apart; the others have as many as they have. */
  build(seed: number, classes?: number): Model;
}

/** Raise it when the bytes of any model change; cached files of another version are not used. */
export const ZOO_VERSION = 1;
/** The seed of the models that commands use. */
export const ZOO_SEED = 1;

/** Those that tell the conditions of a machine apart by its vibration. */
export const vibrationModels: readonly string[] = ['mlp1d', 'cnn1d', 'lenet1d', 'alexnet1d', 'resnet1d', 'bilstm1d', 'sae1d', 'ae1d'];

export const zoo: readonly ZooEntry[] = [
  { name: 'resnet18', aliases: ['resnet'], build: resnet18 },
  { name: 'resnet50', aliases: [], build: resnet50 },
  { name: 'mobilenetv2', aliases: ['mobilenet'], build: mobilenetv2 },
  { name: 'vgg16', aliases: ['vgg'], build: vgg16 },
  { name: 'alexnet', aliases: [], build: alexnet },
  { name: 'alexnet-mobihoc2022', aliases: [], build: alexnetMobihoc2022 },
  { name: 'squeezenet', aliases: ['squeezenet1.1'], build: squeezenet },
  { name: 'googlenet', aliases: ['inceptionv1'], build: googlenet },
  { name: 'densenet121', aliases: ['densenet'], build: densenet121 },
  { name: 'efficientnet-b0', aliases: ['efficientnet'], build: efficientnetB0 },
  { name: 'shufflenetv2', aliases: ['shufflenet'], build: shufflenetv2 },
  { name: 'inceptionv3', aliases: ['inception'], build: inceptionv3 },
  { name: 'vit-tiny', aliases: ['vit'], build: vitTiny },
  { name: 'unet', aliases: [], build: unet },
  { name: 'gpt-tiny', aliases: ['gpt'], build: gptTiny },
  { name: 'yolo-tiny', aliases: ['yolo', 'yolov3-tiny'], build: yoloTiny },
  { name: 'lenet', aliases: ['lenet5'], build: lenet },
  { name: 'mlp', aliases: [], build: mlp },
  // Vibration: a window of 1024 samples to the scores of 10 conditions.
  { name: 'mlp1d', aliases: [], build: mlp1d },
  { name: 'cnn1d', aliases: [], build: cnn1d },
  { name: 'lenet1d', aliases: [], build: lenet1d },
  { name: 'alexnet1d', aliases: [], build: alexnet1d },
  { name: 'resnet1d', aliases: [], build: resnet1d },
  { name: 'bilstm1d', aliases: ['bilstm'], build: bilstm1d },
  // These have two outputs: `reconstruction`, the window as the decoder makes it of the code, and `logits`, the scores.
  { name: 'ae1d', aliases: [], build: ae1d },
  { name: 'sae1d', aliases: [], build: sae1d },
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
