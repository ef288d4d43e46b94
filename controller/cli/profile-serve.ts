/** `controller profile serve`: the profiler as a web service, until Ctrl-C. */
import { tmpdir } from 'node:os';
import { joinAddress } from '../../mesh/address.ts';
import { parseBytes } from '../../mesh/bytes.ts';
import { clockOf } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { HttpServer } from '../../mesh/http/http-server.ts';
import { chooseMesh, joinMesh } from '../devices/mesh-choice.ts';
import { StoredProfiler } from '../predict/stored-profiler.ts';
import type { DeviceStates } from '../profile/device-state/known-state.ts';
import { MeshStates } from '../profile/device-state/mesh-states.ts';
import { PrometheusStates, parsePrometheusUrl } from '../profile/device-state/prometheus-states.ts';
import { createService } from '../profile/serve/service.ts';
import { cacheFolder, dataFolder } from '../store/folders.ts';
import type { Command, Io } from './command.ts';
import { parseOptions, positiveNumber, wholeNumber } from './options.ts';
import { runName } from './run-name.ts';

const help = `Answers over HTTP where a model runs fastest, and how fast. Ends with Ctrl-C.

Usage: controller profile serve [--port N] [--nats URL | --prometheus URL] [OPTIONS]

  --port N               where it listens (default 7001; 0 takes any free port)
  --host HOST            of which address (default 127.0.0.1: this machine only); whoever reaches it can ask
  --nats URL             devices are those of the mesh with this NATS server (default: NATS_URL)
  --mesh NAME            which mesh of several that share the server (default: default)
  --prometheus URL       devices are those that this Prometheus scrapes: Node Exporters with characterization agents, or agents with --metrics
  --stale-after SECONDS  an older state of a device is not used (default: 5 in a mesh, 60 with a Prometheus)
  --max-model SIZE       the largest ONNX file that is taken (default 512MiB)
  --data DIR             what the profiler has learned (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

  POST /api/profiling    counts of a model, as JSON
  POST /api/model        the model itself, an ONNX file
  GET  /openapi.json     all about both

For example: curl --data-binary @model.onnx -H 'Content-Type: application/octet-stream' http://127.0.0.1:7001/api/model
`;

const DEFAULTS = { port: '7001', host: '127.0.0.1', model: '512MiB', meshStaleMs: 5_000, prometheusStaleMs: 60_000 } as const;
const PORT_MAX = 65_535;
const QUERY_TIMEOUT_MS = 10_000;
const STOP_PATIENCE_MS = 2_000;
/** A large model may come over a slow network; an answer takes up to a minute, in which nothing moves. */
const LIMITS = { headersMs: 10_000, requestMs: 600_000, idleMs: 90_000, connections: 128 } as const;

const kinds = {
  port: 'text',
  host: 'text',
  nats: 'text',
  mesh: 'text',
  prometheus: 'text',
  'stale-after': 'text',
  'max-model': 'text',
  data: 'text',
} as const;

type Values = { readonly [name in keyof typeof kinds]?: string };

export const profileServeCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('profile serve', argv, kinds, 0);
    const port = wholeNumber('--port', values.port ?? DEFAULTS.port, 0);
    if (port > PORT_MAX) throw new MeshError('usage', `--port: ${port} is more than ${PORT_MAX}`);
    const modelBytesMax = parseBytes(values['max-model'] ?? DEFAULTS.model);
    await using source = await openStates(values, io);
    await using server = await HttpServer.listen({
      listen: joinAddress(values.host ?? DEFAULTS.host, port),
      option: '--host HOST and --port N',
      limits: LIMITS,
      handle: createService({
        states: source.states,
        profiler: new StoredProfiler({
          ...{ folder: dataFolder(values.data, io.env), cacheFolder: cacheFolder(io.env), env: io.env, now: io.now },
          runName: () => runName(io.wallClock()),
          say: (message) => io.stderr(`controller: ${message}\n`),
        }),
        modelBytesMax,
        tempFolder: tmpdir(),
        softwareVersion: SERVICE_VERSION,
      }),
      // A mistake of ours: whoever runs it should see where, whoever asked gets a bare 500.
      onBug: (error) => warn(io, error instanceof Error && error.stack !== undefined ? error.stack : String(error)),
    });
    io.stdout(`http://${server.address}\n`);
    await aborted(io.signal);
    await server.stop(STOP_PATIENCE_MS);
    return 0;
  },
};

/** Of the interface, not of the release. */
const SERVICE_VERSION = '1.0.0';

interface StateSource extends AsyncDisposable {
  readonly states: DeviceStates;
}

async function openStates(values: Values, io: Io): Promise<StateSource> {
  const stale = values['stale-after'];
  const staleAfterMs = stale === undefined ? undefined : positiveNumber('--stale-after', stale) * 1000;
  if (values.prometheus !== undefined) {
    if (values.nats !== undefined) throw new MeshError('usage', '--nats and --prometheus: devices come from one of them');
    const url = parsePrometheusUrl(values.prometheus);
    const onWarning = (message: string): void => warn(io, message);
    const options = { url, timeoutMs: QUERY_TIMEOUT_MS, staleAfterMs: staleAfterMs ?? DEFAULTS.prometheusStaleMs, onWarning };
    return { states: new PrometheusStates(options), [Symbol.asyncDispose]: async () => {} };
  }
  const choice = chooseMesh(values, io.env);
  if (choice.nats === undefined) {
    throw new MeshError('usage', 'nobody knows the devices: neither a mesh nor a Prometheus is named', {
      hint: 'for example --nats nats://192.168.1.10:4222, or --prometheus http://192.168.1.10:9090',
    });
  }
  const { bus, subjects } = await joinMesh(choice, (error) => warn(io, MeshError.from(error).message));
  const states = new MeshStates({
    ...{ bus, subjects, mesh: choice.mesh, clock: clockOf(io.now), staleAfterMs: staleAfterMs ?? DEFAULTS.meshStaleMs },
    onBad: (error) => warn(io, MeshError.from(error).message),
  });
  return {
    states,
    [Symbol.asyncDispose]: async () => {
      states[Symbol.dispose]();
      await bus.close();
    },
  };
}

function warn(io: Io, message: string): void {
  io.stderr(`controller: warning: ${message}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
