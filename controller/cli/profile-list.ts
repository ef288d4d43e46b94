/** `controller profile list`: what was measured to predict times from. */
import type { Collection } from '../profile/collection.ts';
import { subjectKinds } from '../profiler/sample.ts';
import { dataFolder } from '../store/folders.ts';
import type { SampleCount } from '../store/profile-records.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Lists what was measured to predict times from: collections, newest first, then what runs and benchmarks left; and how many samples on which device.

Usage: controller profile list [--data DIR] [--json]

  --data DIR   where samples are stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)
  --json       one JSON array on stdout

"unfinished" is a collection that is still going on, or whose controller was killed: controller profile collect --resume NAME goes on with it.
`;

const head: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STARTED' },
  { title: 'STATUS' },
  { title: 'DEVICE' },
  ...subjectKinds.map((kind) => ({ title: kind.toUpperCase(), align: 'right' as const })),
];

/** The samples of one device that belong together. */
interface Listed {
  /** Of a collection; `runs`, `benchmarks`. */
  readonly name: string;
  readonly startedMs: number | null;
  readonly status: Collection['status'] | null;
  readonly device: string | null;
  /** By kind of subject. */
  readonly samples: Readonly<Record<string, number>>;
}

export const profileListCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('profile list', argv, { data: 'text', json: 'flag' }, 0);
    await using store = await ProfileStore.open(dataFolder(values.data, io.env));
    const [collections, counts] = await Promise.all([store.collections(), store.sampleCounts()]);
    const all = listed(collections, counts);
    if (values.json === true) io.stdout(`${JSON.stringify(all, undefined, 2)}\n`);
    else if (all.length === 0) io.stdout('nothing was measured yet: controller profile collect --help says how\n');
    else io.stdout(`${formatTable(head, all.map(cells), io.tableColumns).join('\n')}\n`);
    return 0;
  },
};

function listed(collections: readonly Collection[], counts: readonly SampleCount[]): readonly Listed[] {
  const collected = collections.flatMap(({ collection, startedMs, status }): Listed[] => {
    const own = byDevice(counts.filter(({ run }) => run === collection));
    const common = { name: collection, startedMs, status };
    return own.length === 0 ? [{ ...common, device: null, samples: {} }] : own.map((device) => ({ ...common, ...device }));
  });
  const left = (['run', 'bench'] as const).flatMap((source): Listed[] =>
    byDevice(counts.filter((each) => each.source === source)).map((device) => ({
      name: source === 'run' ? 'runs' : 'benchmarks',
      startedMs: null,
      status: null,
      ...device,
    })),
  );
  return [...collected, ...left];
}

function byDevice(counts: readonly SampleCount[]): readonly Pick<Listed, 'device' | 'samples'>[] {
  return [...Map.groupBy(counts, ({ device }) => device)].map(([device, own]) => {
    const samples: Record<string, number> = {};
    for (const { kind, samples: count } of own) samples[kind] = (samples[kind] ?? 0) + count;
    return { device, samples };
  });
}

function cells({ name, startedMs, status, device, samples }: Listed): string[] {
  const started = startedMs === null ? '' : new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ');
  return [name, started, status ?? '', device ?? '', ...subjectKinds.map((kind) => String(samples[kind] ?? ''))];
}
