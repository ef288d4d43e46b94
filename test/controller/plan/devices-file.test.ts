import test from 'ava';
import { TYPICAL } from '../../../controller/plan/device-speed.ts';
import { parseDevicesFile } from '../../../controller/plan/devices-file.ts';
import { CONTROLLER } from '../../../controller/plan/plan-fleet.ts';
import { MeshError } from '../../../mesh/error.ts';

const parse = (value: unknown) => parseDevicesFile(JSON.stringify(value), 'lab.json');
const links = { mbitPerS: 800, latencyMs: 0.5 };
const pi = { name: 'pi', gmacPerS: 6 };

test('every field of a file comes out as it was said, in the planner units', (t) => {
  const fleet = parse({
    devices: [
      {
        name: 'pi',
        count: 2,
        gmacPerS: 6,
        memoryGBPerS: 3,
        layerMs: 0.02,
        memory: '1GB',
        cpuMsPerMB: 4,
        cpuMsPerMessage: 0.1,
        activeWatts: 3.5,
        radioNanojoulesPerByte: 90,
      },
      { name: 'box', times: { resnet18: { '1-12': 9.5, '13-31': 8.1 }, lenet: { all: 0.4 } }, memory: 65_536 },
    ],
    links: { ...links, between: [{ from: 'pi-1', to: 'box', mbitPerS: 80, latencyMs: 2 }] },
    source: 'pi-1',
    sink: null,
    frameMs: 1.5,
    codecs: [{ name: 'half', ratio: 0.5, encodeMBPerS: 200, decodeMBPerS: 500, error: 0.01 }],
  });
  const told = {
    rates: { gmacPerS: 6, memoryGBPerS: 3, layerMs: 0.02 },
    segments: new Map(),
    memoryBytes: 1e9,
    cpuMsPerByte: 4e-6,
    cpuMsPerMessage: 0.1,
    activeWatts: 3.5,
    radioNanojoulesPerByte: 90,
  };
  t.deepEqual(fleet.devices.slice(0, 2), [
    { name: 'pi-1', ...told },
    { name: 'pi-2', ...told },
  ]);
  t.like(fleet.devices[2], { name: 'box', rates: undefined, memoryBytes: 65_536, cpuMsPerByte: 0, cpuMsPerMessage: 0, activeWatts: 1 });
  t.deepEqual(
    [...fleet.devices[2]!.segments],
    [
      [
        'resnet18',
        [
          { layers: '1-12', ms: 9.5 },
          { layers: '13-31', ms: 8.1 },
        ],
      ],
      ['lenet', [{ layers: 'all', ms: 0.4 }]],
    ],
  );
  t.deepEqual([fleet.source, fleet.sink, fleet.frameMs], ['pi-1', undefined, 1.5]);
  t.deepEqual(fleet.codecs, [{ name: 'half', ratio: 0.5, encodeMsPerByte: 1 / 200e3, decodeMsPerByte: 1 / 500e3, error: 0.01 }]);
  // 80 Mbit/s are 10 000 bytes in a millisecond.
  t.deepEqual(fleet.link('pi-1', 'box'), { bytesPerMs: 10_000, latencyMs: 2 });
  t.deepEqual(fleet.link('box', 'pi-1'), { bytesPerMs: 10_000, latencyMs: 2 });
  t.deepEqual(fleet.link('pi-2', 'box'), { bytesPerMs: 100_000, latencyMs: 0.5 });
});

test('what is not said: all memory, typical cost of a layer, no cost of messages, ends at the controller', (t) => {
  const { devices, source, sink, codecs, frameMs, link } = parse({ devices: [pi], links: { mbitPerS: 8 } });
  t.like(devices[0], { name: 'pi', memoryBytes: Number.POSITIVE_INFINITY });
  t.deepEqual(devices[0]!.rates, { gmacPerS: 6, memoryGBPerS: Number.POSITIVE_INFINITY, layerMs: TYPICAL.layerMs });
  t.deepEqual([source, sink, codecs, frameMs], [CONTROLLER, CONTROLLER, [], 0]);
  t.deepEqual(link('pi', CONTROLLER), { bytesPerMs: 1000, latencyMs: 0 });
});

test('a link between two counts for both ways, unless it is said to be one way; what it leaves out is as everywhere', (t) => {
  const fleet = parse({
    devices: [pi, { name: 'box', gmacPerS: 20 }],
    links: {
      ...links,
      between: [
        { from: 'pi', to: 'box', mbitPerS: 8, oneWay: true },
        { from: 'controller', to: 'pi', latencyMs: 7 },
      ],
    },
  });
  t.deepEqual(fleet.link('pi', 'box'), { bytesPerMs: 1000, latencyMs: 0.5 });
  t.deepEqual(fleet.link('box', 'pi'), { bytesPerMs: 100_000, latencyMs: 0.5 });
  for (const [from, to] of [
    ['pi', CONTROLLER],
    [CONTROLLER, 'pi'],
  ] as const)
    t.deepEqual(fleet.link(from, to), { bytesPerMs: 100_000, latencyMs: 7 });
});

test('the two ways of a pair may be said one by one', (t) => {
  const way = (from: string, to: string, mbitPerS: number) => ({ from, to, mbitPerS, oneWay: true });
  const box = { name: 'box', gmacPerS: 20 };
  const { link } = parse({ devices: [pi, box], links: { ...links, between: [way('pi', 'box', 8), way('box', 'pi', 16)] } });
  t.deepEqual([link('pi', 'box').bytesPerMs, link('box', 'pi').bytesPerMs], [1000, 2000]);
});

const device = (more: object) => ({ devices: [{ ...pi, ...more }], links });
const between = (...ways: object[]) => ({ devices: [pi, { name: 'box', gmacPerS: 20 }], links: { ...links, between: ways } });
const codec = { name: 'half', ratio: 0.5, encodeMBPerS: 200, decodeMBPerS: 500 };

const bad: readonly (readonly [what: string, file: unknown, message: RegExp])[] = [
  ['a list', [], /lab\.json: the file is no object/],
  ['nothing in it', {}, /: devices is missing: expected a list/],
  ['no devices', { devices: [], links }, /: devices is empty/],
  ['devices that are no list', { devices: { pi }, links }, /: devices is no list/],
  ['a device that is a name', { devices: ['pi'], links }, /: devices\[0\] is no object/],
  ['a slip of the finger at the top', { devices: [pi], links, sorce: 'pi' }, /: the file has "sorce": expected "source"/],
  ['a slip in a device', device({ gmacsPerS: 6 }), /: devices\[0\] has "gmacsPerS": expected "gmacPerS"/],
  ['a field like no other', device({ colour: 'red' }), /: devices\[0\] has "colour": expected name, count, gmacPerS/],
  ['a slip in links', { devices: [pi], links: { mbitPerS: 1, latncyMs: 1 } }, /: links has "latncyMs": expected "latencyMs"/],
  ['a device without a name', { devices: [{ gmacPerS: 1 }], links }, /: devices\[0\]\.name is missing: expected letters/],
  ['a name with a space', device({ name: 'my pi' }), /: devices\[0\]\.name is "my pi"/],
  ['the name of the controller', device({ name: 'controller' }), /: devices\[0\]\.name is "controller": expected .* not "controller"/],
  ['two of a name', { devices: [pi, pi], links }, /: devices has two named "pi"/],
  [
    'two of a name by counting',
    {
      devices: [
        { ...pi, count: 2 },
        { ...pi, name: 'pi-2' },
      ],
      links,
    },
    /: devices has two named "pi-2"/,
  ],
  ['no speed', { devices: [{ name: 'pi' }], links }, /: devices\[0\] has neither "gmacPerS" nor "times"/],
  ['a speed of 0', device({ gmacPerS: 0 }), /: devices\[0\]\.gmacPerS is 0: expected more/],
  ['a speed as text', device({ gmacPerS: '6' }), /: devices\[0\]\.gmacPerS is "6": expected a number/],
  ['a negative time', device({ layerMs: -1 }), /: devices\[0\]\.layerMs is -1: expected a number of at least 0/],
  ['half a device', device({ count: 1.5 }), /: devices\[0\]\.count is 1\.5: expected a whole number/],
  ['no device counted', device({ count: 0 }), /: devices\[0\]\.count is 0: expected a number of at least 1/],
  ['too many counted', device({ count: 1e9 }), /: devices\[0\]\.count is 1000000000: expected a whole number from 1 to 30/],
  [
    'too many together',
    {
      devices: [
        { ...pi, count: 20 },
        { ...pi, name: 'box', count: 11 },
      ],
      links,
    },
    /: devices are 31: at most 30/,
  ],
  ['memory that is none', device({ memory: 'much' }), /: devices\[0\]\.memory is wrong: "much" is not an amount of memory/],
  ['memory of null', device({ memory: null }), /: devices\[0\]\.memory is wrong: "null"/],
  ['times that are a number', device({ times: { lenet: 3 } }), /: devices\[0\]\.times\.lenet is no object/],
  ['times without one', device({ times: { lenet: {} } }), /: devices\[0\]\.times\.lenet is empty/],
  ['a time as text', device({ times: { lenet: { '1-3': 'fast' } } }), /: devices\[0\]\.times\.lenet\["1-3"\] is "fast"/],
  ['no links', { devices: [pi] }, /: links is missing: expected an object/],
  ['links without a speed', { devices: [pi], links: {} }, /: links\.mbitPerS is missing/],
  [
    'a link to nobody',
    between({ from: 'pi', to: 'bix' }),
    /: links\.between\[0\]\.to is "bix": expected controller or one of pi, box; did you mean box\?/,
  ],
  ['a link from nowhere', between({ to: 'box' }), /: links\.between\[0\]\.from is missing/],
  ['a link to itself', between({ from: 'pi', to: 'pi' }), /: links\.between\[0\] goes from "pi" to itself/],
  ['oneWay as text', between({ from: 'pi', to: 'box', oneWay: 'yes' }), /: links\.between\[0\]\.oneWay is neither true nor false/],
  [
    'a pair that is said twice',
    between({ from: 'pi', to: 'box' }, { from: 'box', to: 'pi', oneWay: true }),
    /: links\.between\[1\] says again what is between "box" and "pi"/,
  ],
  ['a source that is none', { devices: [pi], links, source: 'po' }, /: source is "po": expected .*; did you mean pi\?/],
  ['a sink that is a number', { devices: [pi], links, sink: 3 }, /: sink is 3/],
  ['a negative time between frames', { devices: [pi], links, frameMs: -1 }, /: frameMs is -1: expected a number of at least 0/],
  ['a codec without a name', { devices: [pi], links, codecs: [{ ...codec, name: '' }] }, /: codecs\[0\]\.name is missing/],
  ['a codec named none', { devices: [pi], links, codecs: [{ ...codec, name: 'none' }] }, /: codecs\[0\]\.name is missing, or "none"/],
  ['two codecs of a name', { devices: [pi], links, codecs: [codec, codec] }, /: codecs has two named "half"/],
  ['a codec without speed', { devices: [pi], links, codecs: [{ ...codec, decodeMBPerS: 0 }] }, /: codecs\[0\]\.decodeMBPerS is 0/],
];

for (const [what, file, message] of bad) {
  test(`refused, with its place in the file: ${what}`, (t) => {
    const error = t.throws(() => parse(file), { instanceOf: MeshError, message });
    t.is(error?.code, 'usage');
    t.regex(error!.message, /^lab\.json: /);
    t.truthy(error?.hint);
  });
}

test('a file that is no JSON is named', (t) => {
  const error = t.throws(() => parseDevicesFile('{"devices": [', 'lab.json'), {
    instanceOf: MeshError,
    message: /^lab\.json is no JSON: /,
  });
  t.is(error?.code, 'usage');
});
