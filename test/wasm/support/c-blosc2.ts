/**
 * The real c-blosc2, when SPLITMESH_C_BLOSC2 names its source folder (with build/ made by its CMake, static library included): a small program
 * of ours is compiled against it and does orders in a batch. See c-blosc2.c for what the fields mean.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { tempFolder } from '../../helpers/temp-folder.ts';

const OPS = { compress: 0, decompress: 1, writeFrame: 2, readFrame: 3, readLayers: 4, writeSpecials: 5, compressBlosc1: 6 } as const;
export const CODEC = { blosclz: 0, lz4: 1, lz4hc: 2, zstd: 5 } as const;
export const SPLIT = { always: 1, never: 2, auto: 3, forwardCompatible: 4 } as const;

export interface Order {
  readonly op: keyof typeof OPS;
  readonly bytes?: Uint8Array;
  /** Length field when there are no bytes. */
  readonly length?: number;
  readonly capacity: number;
  readonly typesize?: number;
  readonly codec?: number;
  readonly level?: number;
  readonly blocksize?: number;
  readonly split?: number;
  /** Right-aligned in the six slots. */
  readonly filters?: readonly { readonly id: number; readonly meta: number }[];
}

/** The result of each order: bytes, or c-blosc2's negative error. */
export type RunOrders = (orders: readonly Order[]) => (Uint8Array | number)[];

/** Nothing when there is no c-blosc2 to compare with; the test says so. */
export async function realBlosc2(t: ExecutionContext): Promise<RunOrders | undefined> {
  const source = process.env.SPLITMESH_C_BLOSC2;
  if (source === undefined) {
    t.log('skipped: SPLITMESH_C_BLOSC2 does not name a source folder of c-blosc2');
    return undefined;
  }
  const library = [join(source, 'build/blosc/libblosc2.a'), join(source, 'build/libblosc2.a')].find(existsSync);
  if (library === undefined) throw new Error(`no build/blosc/libblosc2.a in ${source}; make it with cmake -S . -B build && make -C build`);
  const program = join(await tempFolder(t), 'c-blosc2');
  const code = fileURLToPath(new URL('./c-blosc2.c', import.meta.url));
  run('cc', ['-O1', '-o', program, code, '-I', join(source, 'include'), library, '-lpthread', '-ldl', '-lm']);
  return (orders) => answers(run(program, [], Buffer.concat(orders.map(encoded))), orders.length);
}

function run(command: string, args: readonly string[], input?: Uint8Array): Buffer {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, { ...(input && { input }), maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${command} failed (${error?.message ?? signal ?? status}): ${stderr}`);
  return stdout;
}

function encoded(order: Order): Buffer {
  const { op, bytes, capacity, typesize = 1, codec = 0, level = 5, blocksize = 0, split = SPLIT.forwardCompatible, filters = [] } = order;
  const head = Buffer.alloc(44);
  const length = bytes?.length ?? order.length ?? 0;
  for (const [index, field] of [OPS[op], typesize, codec, level, blocksize, split, capacity, length].entries())
    head.writeInt32LE(field, 4 * index);
  for (const [index, { id, meta }] of filters.entries()) {
    head[32 + 6 - filters.length + index] = id;
    head[38 + 6 - filters.length + index] = meta;
  }
  return Buffer.concat(bytes ? [head, bytes] : [head]);
}

function answers(output: Buffer, count: number): (Uint8Array | number)[] {
  const results: (Uint8Array | number)[] = [];
  let at = 0;
  while (at < output.length) {
    const result = output.readInt32LE(at);
    at += 4;
    results.push(result < 0 ? result : new Uint8Array(output.subarray(at, at + result)));
    at += Math.max(result, 0);
  }
  if (results.length !== count) throw new Error(`${results.length} results for ${count} orders`);
  return results;
}
