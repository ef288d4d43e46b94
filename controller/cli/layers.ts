/** `controller layers MODEL`: where a model can be cut, and what each cut costs. */
import type { Layer } from '../../partition/layers.ts';
import { bytes, count } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { needed, parseOptions } from './options.ts';
import { asked } from './usage.ts';

const help = `Lists the layers of a model in the order of computation: where it can be cut.

Usage: controller layers MODEL [--json]

  MODEL    a name (resnet, mobilenetv2, …) or the path of an .onnx file
  --json   one JSON object on stdout

OUTPUT is the shape of the largest tensor a layer hands on, MACS its multiplications and additions, CUT what crosses a cut after it per
frame: controller run --split MODEL@layerN. Shapes come from the runtime, which runs a model once, the first time it is used; sizes that
differ from frame to frame are "?".
`;

const head: readonly Column[] = [
  { title: 'LAYER', align: 'right' },
  { title: 'NAME', flexible: true },
  { title: 'OPERATOR', flexible: true },
  { title: 'OUTPUT' },
  { title: 'MACS', align: 'right' },
  { title: 'PARAMS', align: 'right' },
  { title: 'CUT', align: 'right' },
];

const unknown = '?';

export const layersCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('layers', argv, { json: 'flag' }, 1);
    const name = needed(positionals[0], 'the model', 'controller layers MODEL, for example controller layers resnet');
    const { layered, name: resolved } = await watched(io, (watch) => asked(() => loadModel(name, io, watch)));
    const { layers } = layered;
    if (values.json === true) io.stdout(`${JSON.stringify({ model: resolved, layers: layers.map(toJson) }, undefined, 2)}\n`);
    else io.stdout(`${[...formatTable(head, layers.map(row), io.tableColumns), '', totals(layers)].join('\n')}\n`);
    return 0;
  },
};

function row(layer: Layer): string[] {
  return [
    String(layer.number),
    layer.name,
    [layer.operator, ...layer.folded].join('+'),
    layer.outputDims === undefined ? unknown : layer.outputDims.map((dim) => (dim < 0 ? unknown : dim)).join('×'),
    layer.macs === undefined ? unknown : count(layer.macs),
    count(layer.parameters),
    layer.cutBytes === undefined ? '–' : bytes(layer.cutBytes),
  ];
}

function totals(layers: readonly Layer[]): string {
  const macs = layers.reduce<number | undefined>(
    (sum, { macs: one }) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  return `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${macs === undefined ? 'unknown' : count(macs)} MACs, ${count(parameters)} parameters`;
}

function toJson(layer: Layer): unknown {
  return {
    layer: layer.number,
    name: layer.name,
    operator: layer.operator,
    folded: layer.folded,
    outputDims: layer.outputDims ?? null,
    macs: layer.macs ?? null,
    parameters: layer.parameters,
    cutBytes: layer.cutBytes ?? null,
  };
}
