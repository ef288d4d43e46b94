import test from 'ava';
import { createCollector } from '../../../agent/metrics/collector.ts';
import { MetricsServer } from '../../../agent/metrics/metrics-server.ts';
import type { Device } from '../../../mesh/device.ts';
import { machineWith } from '../../helpers/machine-files.ts';
import { rawRequest } from '../../helpers/raw-http.ts';
import type { Scope } from '../../helpers/scope.ts';

const device: Device = {
  name: 'pi1',
  address: '192.168.1.4:7070',
  arch: 'arm64',
  os: 'Debian',
  cores: 4,
  cpuModel: 'Raspberry Pi 4 Model B Rev 1.4',
  memoryBytes: 4e9,
  diskBytes: 3e10,
  cpuQuotaCores: 0.5,
  nodeVersion: '24.0.0',
  runtimeVersion: '1.30.0',
  virtualMachine: false,
};

async function serve(
  t: Scope,
  root: string,
  limits = {},
): Promise<{ readonly url: string; readonly port: number; readonly bugs: unknown[] }> {
  const bugs: unknown[] = [];
  const activity = () => ({ stages: 2, benchmarks: 1, draining: false });
  const facts = { dataFolder: '/tmp', mesh: 'lab', device, machine: 'aarch64', softwareVersion: '0.1.0', activity, now: () => 0 };
  const server = await MetricsServer.listen('127.0.0.1:0', createCollector({ root, ...facts }), (error) => bugs.push(error), limits);
  t.teardown(() => server[Symbol.asyncDispose]());
  return { url: `http://${server.address}`, port: Number(server.address.split(':')[1]), bugs };
}

test('GET /metrics: what the machine, its agent and the characterization agent would say', async (t) => {
  const root = await machineWith(t, {
    '/proc/stat': 'cpu0 1 2 3 4 5 6 7 8\n',
    '/sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
    '/sys/class/thermal/thermal_zone0/temp': '51540',
  });
  const { url, bugs } = await serve(t, root);
  const response = await fetch(`${url}/metrics?x=1`);
  t.is(response.status, 200);
  t.is(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  const lines = text.split('\n');
  t.true(lines.includes('node_cpu_seconds_total{cpu="0",mode="idle"} 0.04'));
  t.regex(
    text,
    /^char_node_device_model\{char_node_name="pi1",char_node_class="Computer",char_node_uuid="[0-9a-f-]{36}",char_node_device_model_name="Raspberry Pi 4 Model B Rev 1\.4"\} 1$/m,
  );
  t.regex(text, /^char_node_cpu_total_cores\{.*char_node_arch="aarch64",char_node_bits="64"\} 4$/m);
  for (const line of ['stages 2', 'benchmarks 1', 'draining 0', 'cpu_quota_cores 0.5', 'temperature_celsius 51.54'])
    t.true(lines.includes(`splitmesh_agent_${line}`), line);
  // No limit of memory, no sensor of power: absent, not 0.
  t.false(/memory_limit|energy/.test(text));
  t.deepEqual(bugs, []);
});

test('everything else is 404 or 405', async (t) => {
  const { url, port } = await serve(t, '/');
  t.is((await fetch(url)).status, 404);
  t.is((await fetch(`${url}/metrics/..%2f..%2fetc`)).status, 404);
  const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
  t.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  t.deepEqual([head.status, await head.text()], [200, '']);
  t.regex(await rawRequest(port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.regex(await rawRequest(port, `GET /metrics HTTP/1.1\r\nhost: x\r\nbig: ${'x'.repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
});

test('who does not finish its request is cut off', async (t) => {
  const { port, url } = await serve(t, '/', { headersMs: 200, requestMs: 300, idleMs: 5_000 });
  t.regex(await rawRequest(port, 'GET /metrics HTTP/1.1\r\nhost: x\r\nslow: '), /^(HTTP\/1\.1 408 |$)/);
  t.is((await fetch(`${url}/metrics`)).status, 200);
});

test('a port that is taken is an error that names the option', async (t) => {
  const { port } = await serve(t, '/');
  const taken = MetricsServer.listen(
    `127.0.0.1:${port}`,
    () => [],
    () => {},
  );
  const error = await t.throwsAsync(taken, { code: 'conflict' });
  t.regex((error as Error & { hint: string }).hint, /--metrics \[HOST:\]PORT/);
});
