/**
 * A real Prometheus scrapes real agents and a real Node Exporter; what it then says is what the profiler is told.
 *
 *     agents a, b ── /metrics ──┐                                  (127.0.0.1)
 *     Node Exporter ────────────┼──▶ Prometheus ──▶ PrometheusStates
 *     a description of its host ┘                                  (127.0.0.2)
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { KnownState } from '../../controller/profile/device-state/known-state.ts';
import { PrometheusStates } from '../../controller/profile/device-state/prometheus-states.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { needs } from '../helpers/privileges.ts';
import { runProcess } from '../helpers/processes.ts';
import { programPath, prometheusMissing, startNodeExporter, startPrometheus } from '../helpers/prometheus.ts';
import type { Scope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const never = new AbortController().signal;
const withPrometheus = needs(test.serial, prometheusMissing());
const args = ['--metrics', '127.0.0.1:0'];

async function metricsOf(mesh: Mesh, name: string): Promise<string> {
  const { metrics } = await mesh.agent(name).waitForLog(({ msg }) => msg === 'listening');
  return String(metrics);
}

/** What a characterization agent says of a machine, under the names and labels that it uses. */
async function description(t: Scope, host: string): Promise<string> {
  const labels = 'char_node_name="bench",char_node_class="VM",char_node_uuid="4e849968-21fc-11ed-a346-204ef6b52cc7"';
  const text = `# TYPE char_node_device_model gauge\nchar_node_device_model{${labels},char_node_device_model_name="NUC 11"} 1.0\n`;
  const server = createServer((_, response) => void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${host}:${(server.address() as AddressInfo).port}`;
}

function sampleOf(text: string, metric: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${metric} `) || each.startsWith(`${metric}{`));
  return Number(line?.split(' ').at(-1));
}

async function textOf(address: string): Promise<string> {
  return (await fetch(`http://${address}/metrics`)).text();
}

withPrometheus('promtool takes what an agent tells, under the names that Node Exporter uses', async (t) => {
  const mesh = await startMesh(t, { nats: false, agents: [{ name: 'a', args }] });
  const text = await textOf(await metricsOf(mesh, 'a'));
  const check = await checkMetrics(t, text);
  // The only complaint is about Node Exporter's own spelling.
  t.deepEqual(
    check.filter((line) => !/^node_memory_Mem(Total|Available)_bytes .*camelCase/.test(line)),
    [],
  );
  const exporter = await textOf((await startNodeExporter(t, '127.0.0.1')).address);
  t.is(sampleOf(text, 'node_memory_MemTotal_bytes'), sampleOf(exporter, 'node_memory_MemTotal_bytes'));
  const idle = 'node_cpu_seconds_total{cpu="0",mode="idle"}';
  const [own, theirs] = [sampleOf(text, idle), sampleOf(exporter, idle)];
  t.true(own > 0 && theirs >= own, `${own} and a moment later ${theirs}`);
  // A damaged line would be found.
  t.not((await checkMetrics(t, `${text}\nnode_load1 {\n`)).length, check.length);
});

async function checkMetrics(t: ExecutionContext, text: string): Promise<string[]> {
  const check = startCheck(t, text);
  const { stdout, stderr } = await check;
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
}

/** promtool reads from its standard input. */
function startCheck(t: ExecutionContext, text: string): ReturnType<typeof runProcess> {
  return runProcess(t, ['sh', '-c', 'printf %s "$1" | "$2" check metrics', 'sh', text, programPath('promtool')]);
}

withPrometheus('devices of a real Prometheus: joined by name and host, down ones told, nothing guessed', async (t) => {
  const mesh = await startMesh(t, {
    nats: false,
    agents: [
      { name: 'a', args },
      { name: 'b', args, cpuQuota: 0.5 },
    ],
  });
  const agents = [await metricsOf(mesh, 'a'), await metricsOf(mesh, 'b')];
  const exporter = await startNodeExporter(t, '127.0.0.2');
  const characterized = await description(t, '127.0.0.2');
  const prometheus = await startPrometheus(t, [
    { name: 'splitmesh', targets: agents },
    { name: 'node', targets: [exporter.address] },
    { name: 'characterization', targets: [characterized] },
  ]);
  const warnings: string[] = [];
  const states = new PrometheusStates({
    ...{ url: new URL(prometheus.url), timeoutMs: 5_000, staleAfterMs: 60_000 },
    onWarning: (message) => warnings.push(message),
  });
  const settled = async (fits: (known: readonly KnownState[]) => boolean): Promise<readonly KnownState[]> => {
    let known: readonly KnownState[] = [];
    const look = async (): Promise<boolean> => {
      known = await states.now(never);
      return fits(known);
    };
    await waitUntil('the states', look, 40_000).catch((error: Error) => t.fail(`${error.message}: ${JSON.stringify(known)}`));
    return known;
  };

  const known = await settled((all) => all.length === 3 && all.every(({ problems }) => problems.length === 0));
  t.deepEqual(
    known.map(({ node, instance }) => [node, instance]),
    [
      ['a', agents[0]],
      ['b', agents[1]],
      ['bench', exporter.address],
    ],
  );
  t.like(known[2], { nodeUuid: '4e849968-21fc-11ed-a346-204ef6b52cc7', deviceClass: 'VM', deviceModel: 'NUC 11' });
  for (const { state, ageMs, cores, memoryBytes } of known) {
    for (const used of [state.cpuBusyPercent!, state.memoryUsedPercent!, state.diskUsedPercent!]) t.true(used >= 0 && used <= 100);
    t.true(ageMs >= 0 && ageMs < 60_000);
    t.deepEqual([cores, memoryBytes], [known[0]!.cores, known[0]!.memoryBytes]);
  }
  t.deepEqual(warnings, []);

  await mesh.agent('b').process.kill();
  const less = await settled((all) => all.find(({ node }) => node === 'b')!.problems.length > 0);
  t.true(less.find(({ node }) => node === 'b')!.problems.includes(`${agents[1]} is down`), JSON.stringify(less));
  t.deepEqual(less.find(({ node }) => node === 'a')!.problems, []);

  await prometheus.process.kill();
  await t.throwsAsync(states.now(never), { code: 'unreachable' });
});

withPrometheus('a Prometheus that scrapes nothing of use knows no device', async (t) => {
  const prometheus = await startPrometheus(t, []);
  const states = new PrometheusStates({ url: new URL(prometheus.url), timeoutMs: 5_000, staleAfterMs: 60_000, onWarning: () => {} });
  t.deepEqual(await states.now(never), []);
});
