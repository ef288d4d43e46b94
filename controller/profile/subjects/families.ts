/** Models that have the same building blocks: what is known of one says much about the others, so that they are held out together. */

const families: Readonly<Record<string, readonly string[]>> = {
  alexnet: ['alexnet', 'alexnet-mobihoc2022', 'alexnet1d'],
  autoencoder: ['ae1d', 'sae1d'],
  bilstm: ['bilstm1d'],
  cnn1d: ['cnn1d'],
  densenet: ['densenet121'],
  efficientnet: ['efficientnet-b0'],
  gpt: ['gpt-tiny'],
  inception: ['googlenet', 'inceptionv3'],
  lenet: ['lenet', 'lenet1d'],
  mlp: ['mlp', 'mlp1d'],
  mobilenet: ['mobilenetv2'],
  resnet: ['resnet18', 'resnet50', 'resnet1d'],
  shufflenet: ['shufflenetv2'],
  squeezenet: ['squeezenet'],
  unet: ['unet'],
  vgg: ['vgg16'],
  vit: ['vit-tiny'],
  yolo: ['yolo-tiny'],
};

const byModel = new Map(Object.entries(families).flatMap(([family, models]) => models.map((model) => [model, family] as const)));

/** Of a model of the zoo; any other is a family of its own. `model`: see Subject. */
export function familyOf(model: string): string {
  return byModel.get(model) ?? model;
}

/** What the profiler calls a model: the zoo's name, or the file's without its folder and ending. */
export function modelName(nameOrPath: string): string {
  return nameOrPath.slice(nameOrPath.lastIndexOf('/') + 1).replace(/\.onnx$/, '');
}
