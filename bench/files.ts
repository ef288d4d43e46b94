/**
 * Moving files to, from and between agents, against the limit of what carries them (grpc-js with no file behind it), a plain copy of Node, and scp.
 *
 *     node bench/files.ts [--size-mib 1024] [--rounds 5] [--folder DIR] [--sshd PATH] [--json]
 *
 * Every round does each once, in turn, so that what else the machine does falls on all alike; quoted are medians, and medians of each round's
 * ratios. Files are in the page cache when they are read. Ours are checked by SHA-256 and made durable (fsync) within the time
 * measured; the others are neither.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Blob } from '../mesh/files/blob.ts';
import { fileSource } from '../mesh/files/byte-source.ts';
import { deleteFile } from '../mesh/files/entries.ts';
import { fetchBlob } from '../mesh/files/fetch-blob.ts';
import { FilesPeer } from '../mesh/files/files-peer.ts';
import { getFile } from '../mesh/files/get-file.ts';
import { PartialFile } from '../mesh/files/partial-file.ts';
import { putFile } from '../mesh/files/put-file.ts';
import { startAgent } from './files/agent-process.ts';
import { Limit } from './files/limit.ts';
import { NodeCopy } from './files/node-copy.ts';
import { Scp } from './files/scp.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    'size-mib': { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
    sshd: { type: 'string' },
    'agent-options': { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const MIB = 1024 * 1024;
const bytes = Number(values['size-mib']) * MIB;
const nodeOptions = values['agent-options'].split(' ').filter((option) => option !== '');
/** The bars of docs/benchmarks: what files behind a stream may cost. */
const SHARE_MIN = 0.6;

const folder = await mkdtemp(join(values.folder, 'splitmesh-bench-'));
try {
  await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const path = join(folder, 'content');
  const copy = join(folder, 'copy');
  const blob = await writeContent(path);
  await using limit = await Limit.start();
  await using plain = await NodeCopy.start(path);
  await using holder = await startAgent('holder', join(folder, 'holder'), nodeOptions);
  await using taker = await startAgent('taker', join(folder, 'taker'), nodeOptions);
  const toHolder = new FilesPeer(holder.address);
  const toTaker = new FilesPeer(taker.address);
  const scp = await Scp.start(join(folder, 'ssh'), values.sshd);

  const put = async (peer: FilesPeer): Promise<void> => {
    const source = await fileSource(path);
    try {
      await putFile(peer, blob, source, { now: () => performance.now() });
    } finally {
      await source.close();
    }
  };
  await put(toHolder);

  /** Deletes what the contestant before left. */
  let clear = async (): Promise<unknown> => undefined;
  const leavesCopy = (): void => {
    clear = () => rm(copy, { force: true });
  };
  const leavesBlob = (): void => {
    clear = () => deleteFile(toTaker, blob);
  };
  const contestants: Contestant[] = [
    { what: 'grpc-js pull, no file', run: () => limit.pull(bytes) },
    { what: 'get: checked, not kept', run: () => getAndCheck(toHolder, blob) },
    { what: 'grpc-js push, no file', run: () => limit.push(bytes) },
    { what: 'put: from file to agent', leaves: leavesBlob, run: () => put(toTaker) },
    { what: 'fetch: agent from agent', leaves: leavesBlob, run: () => fetchBlob(toTaker, blob, [holder.address]) },
    { what: 'get: from agent to file', leaves: leavesCopy, run: () => get(toHolder, blob, copy) },
    { what: 'disk alone, durable', leaves: leavesCopy, run: () => writeAlone(copy) },
    { what: 'Node TCP copy, unchecked', leaves: leavesCopy, run: () => plain.copyTo(copy) },
  ];
  if (typeof scp !== 'string') contestants.push({ what: 'scp', leaves: leavesCopy, run: () => scp.copy(path, copy) });

  const speeds = new Map<string, number[]>(contestants.map(({ what }) => [what, []]));
  try {
    // The first round warms up: compiled code, free memory of the kernel.
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const { what, leaves, run } of contestants) {
        if (leaves !== undefined) await clear();
        leaves?.();
        const startMs = performance.now();
        await run();
        if (round > 0) speeds.get(what)!.push(bytes / 1e3 / (performance.now() - startMs));
      }
    }
  } finally {
    toHolder.close();
    toTaker.close();
    if (typeof scp !== 'string') await scp[Symbol.asyncDispose]();
  }
  if (typeof scp === 'string') console.error(`files: scp is left out: ${scp}`);
  print({ benchmark: 'files', method: method(), rows: [...speedRows(speeds), ...ratioRows(speeds)] }, values.json);
}

/**
 * Whoever leaves a file writes it into the memory that the one before has just given back: a virtual machine hands memory that was free for some
 * seconds back to its host, and getting it again can take longer than anything measured here.
 */
interface Contestant {
  readonly what: string;
  readonly leaves?: () => void;
  run(): Promise<unknown>;
}

/** As `controller pull` does. */
async function get(peer: FilesPeer, blob: Blob, path: string): Promise<void> {
  const file = await PartialFile.open(path, blob);
  try {
    await getFile(peer, blob, (chunk) => file.append(chunk));
    await file.finish();
  } finally {
    await file.stop();
  }
}

/** What a client does that wants the content and not a file: it comes from the agent's disk and is checked. */
async function getAndCheck(peer: FilesPeer, blob: Blob): Promise<void> {
  const hash = createHash('sha256');
  await getFile(peer, blob, (chunk) => void hash.update(chunk));
  if (!hash.digest().equals(blob.sha256)) throw new Error('what came is not what was put');
}

/** The least that keeping a file costs on this machine: memory that is written to a new file and made durable. */
async function writeAlone(path: string): Promise<void> {
  const block = Buffer.alloc(MIB, 1);
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < bytes; written += block.byteLength) await file.write(block);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Random, so that nothing on the way can shorten it. */
async function writeContent(path: string): Promise<Blob> {
  const hash = createHash('sha256');
  await mkdir(folder, { recursive: true });
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < bytes; ) {
      const block = randomBytes(Math.min(4 * MIB, bytes - written));
      hash.update(block);
      await file.write(block);
      written += block.byteLength;
    }
  } finally {
    await file.close();
  }
  return { sha256: new Uint8Array(hash.digest()), bytes: (await stat(path)).size };
}

function speedRows(speeds: ReadonlyMap<string, readonly number[]>): Row[] {
  return [...speeds].map(([what, rounds]) => ({ what, value: median(rounds), unit: 'MB/s', rounds }));
}

function ratioRows(speeds: ReadonlyMap<string, readonly number[]>): Row[] {
  const ratio = (what: string, against: string, bar?: number): Row[] => {
    const reference = speeds.get(against);
    if (reference === undefined) return [];
    const rounds = speeds.get(what)!.map((speed, round) => speed / reference[round]!);
    return [
      { what: `${what} ÷ ${against}`, value: median(rounds), unit: '×', rounds, ...(bar === undefined ? {} : { bar: { atLeast: bar } }) },
    ];
  };
  return [
    ...ratio('get: checked, not kept', 'grpc-js pull, no file', SHARE_MIN),
    ...ratio('get: from agent to file', 'grpc-js pull, no file', SHARE_MIN),
    ...ratio('fetch: agent from agent', 'grpc-js pull, no file', SHARE_MIN),
    ...ratio('put: from file to agent', 'grpc-js push, no file', SHARE_MIN),
    ...ratio('fetch: agent from agent', 'disk alone, durable'),
    ...ratio('fetch: agent from agent', 'Node TCP copy, unchecked'),
    ...ratio('put: from file to agent', 'Node TCP copy, unchecked'),
    ...ratio('fetch: agent from agent', 'scp'),
    ...ratio('put: from file to agent', 'scp'),
  ];
}

function method(): string {
  return `${values['size-mib']} MiB of random content on loopback, ${values.rounds} rounds in turn; ours checked by SHA-256 and durable`;
}
