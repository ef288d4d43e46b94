import test from 'ava';
import fc from 'fast-check';
import { joinMetrics } from '../../../../controller/profile/device-state/join-metrics.ts';
import type { KnownState } from '../../../../controller/profile/device-state/known-state.ts';
import type { Series } from '../../../../controller/profile/device-state/prometheus-api.ts';
import type { QueryName } from '../../../../controller/profile/device-state/prometheus-queries.ts';
import { ASKED_S, described, goodAnswers, series } from './answers.ts';

const STALE_MS = 60_000;

function join(changes: Partial<Record<QueryName, readonly Series[]>> = {}): KnownState[] {
  return joinMetrics({ ...goodAnswers(), ...changes }, STALE_MS);
}

function problemsOf(states: readonly KnownState[], node: string): readonly string[] | undefined {
  return states.find((state) => state.node === node)?.problems;
}

test('each device gets the metrics of its own target', (t) => {
  t.deepEqual(join(), [
    {
      node: 'pi1',
      nodeUuid: 'uuid-pi1',
      deviceModel: 'Raspberry Pi 4B',
      deviceClass: 'Computer',
      instance: '10.0.0.1:9101',
      state: { cpuBusyPercent: 10, memoryUsedPercent: 30, diskUsedPercent: 50, temperatureCelsius: 51 },
      ageMs: 1_500,
      cores: 2,
      memoryBytes: 2e9,
      problems: [],
    },
    {
      node: 'pi2',
      nodeUuid: 'uuid-pi2',
      deviceModel: 'Raspberry Pi 4B',
      deviceClass: 'Computer',
      instance: '10.0.0.2:9100',
      state: { cpuBusyPercent: 80, memoryUsedPercent: 40, diskUsedPercent: 60, loadAverage: 3 },
      ageMs: 20_000,
      cores: 4,
      memoryBytes: 4e9,
      problems: [],
    },
  ]);
});

test('the order of series in the answers says nothing', (t) => {
  const names = Object.keys(goodAnswers()) as QueryName[];
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (random) => {
      const shuffled = Object.fromEntries(
        names.map((name) => [
          name,
          goodAnswers()
            [name].map((entry) => ({ entry, key: random.next().value }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ entry }) => entry),
        ]),
      );
      t.deepEqual(join(shuffled), join());
    }),
    { numRuns: 50 },
  );
});

/** How targets of a Node Exporter may be called, and a device whose description comes from elsewhere. */
const joins: readonly (readonly [how: string, device: Series, target: Readonly<Record<string, string>>, hostName?: string])[] = [
  ['the instance is the name', described('pi3', '10.0.0.9:5001'), { instance: 'pi3' }],
  ['the label node is the name', described('pi3', '10.0.0.9:5001'), { instance: '10.42.0.7:9100', node: 'pi3' }],
  ['the host of the instance is the name', described('pi3', '10.0.0.9:5001'), { instance: 'pi3:9100' }],
  ['both are on one host', described('pi3', '10.0.0.9:5001'), { instance: '10.0.0.9:9100' }],
  ['both are on one host, IPv6', described('pi3', '[fe80::1]:5001'), { instance: '[fe80::1]:9100' }],
  ['the host name is the name', described('pi3', '10.0.0.9:5001'), { instance: '10.42.0.7:9100' }, 'pi3'],
];

for (const [how, device, target, hostName] of joins) {
  test(`joined when ${how}`, (t) => {
    const good = goodAnswers();
    const states = join({
      devices: [device, ...good.devices],
      cpuBusyPercent: [...good.cpuBusyPercent, series(target, 33)],
      cpuSampledAt: [...good.cpuSampledAt, series(target, ASKED_S)],
      memoryUsedPercent: [...good.memoryUsedPercent, series(target, 44)],
      diskUsedPercent: [...good.diskUsedPercent, series({ ...target, mountpoint: '/' }, 55)],
      hostNames: [...good.hostNames, ...(hostName === undefined ? [] : [series({ ...target, nodename: hostName }, 1)])],
    });
    t.is(states.length, 3);
    t.like(states[2], { node: 'pi3', state: { cpuBusyPercent: 33, memoryUsedPercent: 44, diskUsedPercent: 55 } });
    t.deepEqual(states[2]!.problems, []);
  });
}

test('several targets that fit equally well are a problem, not a choice', (t) => {
  const good = goodAnswers();
  const [exporter, second] = [{ instance: '10.0.0.2:9100' }, { instance: '10.0.0.2:9200' }];
  const both = (answer: readonly Series[]): Series[] => [...answer, series(second, 1)];
  const states = join({ cpuBusyPercent: both(good.cpuBusyPercent), cpuSampledAt: both(good.cpuSampledAt) });
  t.deepEqual(problemsOf(states, 'pi2'), [`several targets could be this device: ${exporter.instance}, ${second.instance}`]);
  t.deepEqual(problemsOf(states, 'pi1'), []);
});

const without = (query: QueryName, instance: string): Series[] => goodAnswers()[query].filter(({ labels }) => labels.instance !== instance);

test('what is missing, stale, down or gone is a problem of that device alone', (t) => {
  const [agent, exporter] = ['10.0.0.1:9101', '10.0.0.2:9100'];
  const cases: readonly (readonly [Partial<Record<QueryName, readonly Series[]>>, string])[] = [
    [{ cpuBusyPercent: without('cpuBusyPercent', exporter) }, 'its CPU use is not known'],
    [{ cpuBusyPercent: [series({ instance: exporter }, Number.NaN), series({ instance: agent }, 1)] }, 'its CPU use is not known'],
    [{ memoryUsedPercent: without('memoryUsedPercent', exporter) }, 'its memory in use is not known'],
    [{ diskUsedPercent: without('diskUsedPercent', exporter) }, 'its disk in use is not known'],
    [
      { cpuSampledAt: [series({ instance: exporter }, ASKED_S - 75), series({ instance: agent }, ASKED_S)] },
      'its metrics are 75 s old, 60 s are allowed (--stale-after)',
    ],
    [{ cpuSampledAt: without('cpuSampledAt', exporter) }, 'nobody knows how old its metrics are, 60 s are allowed (--stale-after)'],
    [{ up: [series({ instance: exporter }, 0)] }, `${exporter} is down`],
    [{ devices: without('devices', '10.0.0.2:5001') }, '10.0.0.2:5001 no longer says what it is: it is not scraped any more'],
    [
      { devices: without('devices', '10.0.0.2:5001'), up: [series({ instance: '10.0.0.2:5001' }, 0)] },
      '10.0.0.2:5001 no longer says what it is: it is down',
    ],
    [
      { devices: [described('pi2', '10.0.0.2:5001', { char_node_device_model_name: '' }), described('pi1', agent)] },
      'its model is not known: char_node_device_model_name is empty',
    ],
  ];
  for (const [changes, problem] of cases) {
    const states = join(changes);
    t.deepEqual(problemsOf(states, 'pi2'), [problem]);
    t.deepEqual(problemsOf(states, 'pi1'), [], problem);
  }
});

test('a device that nobody measures, and a target that nobody describes, are told', (t) => {
  const states = join({ devices: [described('pi1', '10.0.0.1:9101'), described('pi9', '10.0.0.9:5001')], recentDevices: [] });
  t.deepEqual(problemsOf(states, 'pi9'), ['no target has its metrics: no node_cpu_seconds_total comes from it']);
  t.deepEqual(problemsOf(states, 'two'), ['nothing says what it is: no char_node_device_model comes from its machine']);
  t.deepEqual(problemsOf(states, 'pi1'), []);
});

test('a Node Exporter beside an agent is no device of its own', (t) => {
  const good = goodAnswers();
  const beside = { instance: '10.0.0.1:9100' };
  const states = join({
    cpuBusyPercent: [series(beside, 5), ...good.cpuBusyPercent],
    cpuSampledAt: [series(beside, ASKED_S), ...good.cpuSampledAt],
  });
  t.deepEqual(
    states.map(({ node, state }) => [node, state.cpuBusyPercent]),
    [
      ['pi1', 10],
      ['pi2', 80],
    ],
  );
});

test('two devices of one name are both refused; one that is described twice is one', (t) => {
  const good = goodAnswers();
  const twins = join({ devices: [...good.devices, described('pi2', '10.0.0.1:9101', { char_node_uuid: 'other' })] });
  t.deepEqual(
    twins.filter(({ node }) => node === 'pi2').map(({ problems }) => problems),
    [['2 devices are called pi2'], ['2 devices are called pi2']],
  );
  t.deepEqual(join({ devices: [...good.devices, { ...good.devices[0]!, labels: { ...good.devices[0]!.labels, job: 'again' } }] }), join());
});

test('nothing in, nothing out', (t) => {
  const empty = Object.fromEntries(Object.keys(goodAnswers()).map((name) => [name, []]));
  t.deepEqual(join(empty), []);
});
