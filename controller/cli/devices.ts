/** `controller devices`: who is in the mesh, what they are, how they are. */
import type { Presence } from '../../mesh/device.ts';
import { discoverAll } from '../devices/discover.ts';
import { chooseMesh, joinMesh } from '../devices/mesh-choice.ts';
import { bytes, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command, Io } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Lists the devices of a mesh: every agent that answers within a heartbeat.

Usage: controller devices [--nats URL] [--mesh NAME] [--json]

  --nats URL    the mesh's NATS server, for example nats://192.168.1.10:4222 (default: NATS_URL)
  --mesh NAME   which mesh of several that share the server (default: default)
  --json        one JSON array on stdout

What a machine does not tell about itself is "unknown".
`;

const unknown = 'unknown';

const head: readonly Column[] = [
  { title: 'NAME' },
  { title: 'ADDRESS', flexible: true },
  { title: 'ARCH' },
  { title: 'CORES', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'LOAD', align: 'right' },
  { title: 'TEMP', align: 'right' },
  { title: 'STAGES', align: 'right' },
  { title: 'VERSION' },
];

export const devicesCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('devices', argv, { nats: 'text', mesh: 'text', json: 'flag' }, 0);
    const { bus, subjects } = await joinMesh(chooseMesh(values, io.env), (error) => warn(io, error));
    try {
      const found = await discoverAll({ bus, subjects, signal: io.signal });
      if (values.json === true) io.stdout(`${JSON.stringify(found.map(toJson), undefined, 2)}\n`);
      else io.stdout(`${describe(found, io.tableColumns)}\n`);
      return 0;
    } finally {
      await bus.close();
    }
  },
};

function warn(io: Io, error: unknown): void {
  io.stderr(`controller: warning: ${error instanceof Error ? error.message : String(error)}\n`);
}

function describe(found: readonly Presence[], columns: number): string {
  if (found.length === 0) return 'no device answers: is an agent running, and connected to this NATS server and mesh?';
  return formatTable(head, found.map(row), columns).join('\n');
}

function row({ device, load, stages, softwareVersion, draining }: Presence): string[] {
  const limit = device.cpuQuotaCores;
  return [
    device.name,
    device.address,
    device.arch,
    limit === undefined ? String(device.cores) : `${threeDigits(limit)}/${device.cores}`,
    bytes(device.memoryLimitBytes ?? device.memoryBytes),
    load.cpuBusyCores === undefined ? unknown : threeDigits(load.cpuBusyCores),
    load.temperatureCelsius === undefined ? unknown : `${load.temperatureCelsius.toFixed(0)} °C`,
    draining ? `${stages.length} (draining)` : String(stages.length),
    softwareVersion,
  ];
}

/** The presence as it is; absent facts are null, so that every device has the same keys. */
function toJson({ device, load, stages, softwareVersion, protocolVersion, draining }: Presence): unknown {
  return {
    ...device,
    cpuModel: device.cpuModel ?? null,
    cpuQuotaCores: device.cpuQuotaCores ?? null,
    memoryLimitBytes: device.memoryLimitBytes ?? null,
    cgroup: device.cgroup ?? null,
    virtualMachine: device.virtualMachine ?? null,
    load: {
      cpuBusyCores: load.cpuBusyCores ?? null,
      memoryFreeBytes: load.memoryFreeBytes ?? null,
      diskFreeBytes: load.diskFreeBytes ?? null,
      temperatureCelsius: load.temperatureCelsius ?? null,
      powerWatts: load.powerWatts ?? null,
    },
    stages: stages.map(({ key, state, frames }) => ({ run: key.run, stage: key.stage, epoch: Number(key.epoch), state, frames })),
    draining,
    protocolVersion,
    softwareVersion,
  };
}
