import test from 'ava';
import { characteristicsOf } from '../../../controller/profiler/characteristics.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { int } from '../../../partition/zoo/attributes.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { type Feature, Network } from '../../../partition/zoo/network.ts';
import { AttributeProto_AttributeType, NodeProto } from '../../../proto/gen/onnx/onnx.ts';

const of = (build: (net: Network) => Feature) => {
  const net = new Network('m', 1);
  return characteristicsOf(buildGraph(net.model(build(net))));
};

test('AlexNet as it was published: two groups of filters, three fully connected layers', (t) => {
  const found = of((net) => {
    let x = net.input('data', [1, 3, 224, 224]);
    const conv = (name: string, from: Feature, channels: number, kernel: number, pad: number, groups: number, stride = 1) =>
      net.relu(`${name}.relu`, net.conv(name, from, { channels, kernel, pad, groups, stride, bias: true }));
    const pool = (name: string, from: Feature) => net.maxPool(name, from, { kernel: 3, stride: 2 });
    x = pool('pool1', conv('conv1', x, 96, 11, 0, 1, 4));
    x = pool('pool2', conv('conv2', x, 256, 5, 2, 2));
    x = conv('conv4', conv('conv3', x, 384, 3, 1, 1), 384, 3, 1, 2);
    x = net.maxPool('pool5', conv('conv5', x, 256, 3, 1, 2), { kernel: 3, stride: 2, padEnd: 1 });
    // Of 9216 features two are a shape that is stored with the weights, as in the published file.
    x = net.reshape('flat', x, [1, 9216]);
    x = net.relu('fc6.relu', net.linear('fc6', x, 4096));
    x = net.relu('fc7.relu', net.linear('fc7', x, 4096));
    return net.linear('fc8', x, 1000);
  });
  t.deepEqual(found, { convLayers: 5, poolLayers: 3, fcLayers: 3, filterDetails: 1376, totalParameters: 60_965_224 + 2 });
});

test('models of the zoo', (t) => {
  const zoo = (name: string) => characteristicsOf(buildGraph(zooModel(name).build(1)));
  t.like(zoo('lenet'), { convLayers: 2, poolLayers: 2, fcLayers: 3, filterDetails: 22, totalParameters: 61_706 });
  t.like(zoo('squeezenet'), { convLayers: 26, poolLayers: 4, fcLayers: 0 });
  t.like(zoo('mlp'), { convLayers: 0, poolLayers: 0, filterDetails: 0 });
});

test('a product of matrices is fully connected with a weight, or behind Flatten', (t) => {
  const product = (first: (net: Network, x: Feature) => Feature, second: (net: Network) => string) =>
    of((net) => {
      const x = first(net, net.input('x', [4, 4]));
      return net.node('product', 'MatMul', [x.name, second(net)], [], [4, 4]);
    }).fcLayers;
  const flat = (net: Network, x: Feature): Feature => net.flatten('flat', x);
  const plain = (net: Network, x: Feature): Feature => net.relu('relu', x);
  const flowing = (net: Network): string => net.input('y', [4, 4]).name;
  t.is(
    product(plain, (net) => net.weights('w', [4, 4], 0, 1)),
    1,
  );
  t.is(product(plain, flowing), 0);
  t.is(product(flat, flowing), 1);
  t.is(
    product(flat, (net) => net.weights('w', [4, 4], 0, 1)),
    1,
    'once, though both rules hold',
  );
});

test('a convolution right behind global pooling is fully connected, too, and stays a convolution', (t) => {
  const head = (between: (net: Network, x: Feature) => Feature) =>
    of((net) => {
      const pooled = between(net, net.globalAveragePool('pool', net.input('x', [1, 8, 4, 4])));
      return net.conv('head', pooled, { channels: 5, kernel: 1 });
    });
  t.like(
    head((_, x) => x),
    { convLayers: 1, poolLayers: 1, fcLayers: 1, filterDetails: 5 },
  );
  t.like(
    head((net, x) => net.relu('relu', x)),
    { fcLayers: 0 },
  );
});

test('a weight that is shared counts once as parameters; filters count in each convolution', (t) => {
  const found = of((net) => {
    const x = net.input('x', [1, 4, 8, 8]);
    const weight = net.weights('w', [4, 4, 1, 1], 0, 1);
    const first = net.node('a', 'Conv', [x.name, weight], [], [1, 4, 8, 8]);
    return net.node('b', 'Conv', [first.name, weight], [], [1, 4, 8, 8]);
  });
  t.deepEqual(found, { convLayers: 2, poolLayers: 0, fcLayers: 0, filterDetails: 8, totalParameters: 16 });
});

test('what a Constant node makes is no weight, and no parameter', (t) => {
  const net = new Network('m', 1);
  const x = net.input('x', [1, 4, 8, 8]);
  const weight = net.weights('w', [4, 4, 1, 1], 0, 1);
  const model = net.model(net.node('a', 'Conv', [x.name, weight], [int('group', 1)], [1, 4, 8, 8]));
  const graph = model.proto.graph!;
  const [value] = graph.initializer.splice(0, 1);
  const attribute = [{ name: 'value', type: AttributeProto_AttributeType.TENSOR, t: value! }];
  graph.node.unshift(NodeProto.fromPartial({ name: 'c', opType: 'Constant', output: ['w'], attribute }));
  t.deepEqual(characteristicsOf(buildGraph(model)), {
    ...{ convLayers: 0, poolLayers: 0, fcLayers: 0, filterDetails: 0 },
    totalParameters: 0,
  });
});
