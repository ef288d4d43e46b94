/** Answers as a Prometheus gives them, of two devices: `pi1` is an agent of splitmesh, `pi2` has a Node Exporter and a characterization agent. */
import type { Answers } from '../../../../controller/profile/device-state/join-metrics.ts';
import type { Series } from '../../../../controller/profile/device-state/prometheus-api.ts';
import { type QueryName, queries } from '../../../../controller/profile/device-state/prometheus-queries.ts';

/** Seconds since 1970, when everything was asked. */
export const ASKED_S = 1_700_000_000;

export function series(labels: Readonly<Record<string, string>>, value: number): Series {
  return { labels, value, atMs: ASKED_S * 1000 };
}

export function described(name: string, instance: string, more: Readonly<Record<string, string>> = {}): Series {
  const labels = { char_node_name: name, char_node_class: 'Computer', char_node_uuid: `uuid-${name}` };
  return series({ __name__: 'char_node_device_model', instance, ...labels, char_node_device_model_name: 'Raspberry Pi 4B', ...more }, 1);
}

const agent = '10.0.0.1:9101';
const exporter = '10.0.0.2:9100';

/** In another order of the targets in each answer: nothing may depend on it. */
export function goodAnswers(): Record<QueryName, readonly Series[]> {
  const of = (values: Readonly<Record<string, number>>): Series[] =>
    Object.entries(values).map(([instance, value]) => series({ instance }, value));
  const both = [described('pi2', '10.0.0.2:5001'), described('pi1', agent)];
  return {
    devices: both,
    recentDevices: both,
    up: [
      series({ instance: agent, job: 'agents' }, 1),
      series({ instance: exporter, job: 'node' }, 1),
      series({ instance: '10.0.0.2:5001', job: 'char' }, 1),
    ],
    cpuBusyPercent: of({ [agent]: 10, [exporter]: 80 }),
    cpuSampledAt: of({ [exporter]: ASKED_S - 20, [agent]: ASKED_S - 1.5 }),
    memoryUsedPercent: of({ [agent]: 30, [exporter]: 40 }),
    diskUsedPercent: [
      series({ instance: exporter, mountpoint: '/boot' }, 99),
      series({ instance: agent, mountpoint: '/data' }, 50),
      series({ instance: exporter, mountpoint: '/' }, 60),
    ],
    cores: of({ [exporter]: 4, [agent]: 2 }),
    memoryBytes: of({ [agent]: 2e9, [exporter]: 4e9 }),
    loadAverage: of({ [exporter]: 3 }),
    temperatureCelsius: of({ [agent]: 51 }),
    frequencyMHz: [],
    hostNames: [series({ instance: agent, nodename: 'one' }, 1), series({ instance: exporter, nodename: 'two' }, 1)],
  } satisfies Answers;
}

/** As the HTTP API writes it. */
export function apiBody(answer: readonly Series[]): unknown {
  const result = answer.map(({ labels, value, atMs }) => ({
    metric: labels,
    value: [atMs / 1000, Number.isFinite(value) ? `${value}` : 'NaN'],
  }));
  return { status: 'success', data: { resultType: 'vector', result } };
}

export function nameOfQuery(expression: string): QueryName | undefined {
  return (Object.keys(queries) as QueryName[]).find((name) => queries[name] === expression);
}
