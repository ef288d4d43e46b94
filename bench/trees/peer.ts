/** XGBoost in a Python process: Debian's package, asked line by line (peer.py), computing only while it is asked. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TreeOptions } from '../../controller/profiler/trees/options.ts';
import type { Table } from '../../controller/profiler/trees/table.ts';

/** Debian's Python: others in front of it do not have Debian's packages. */
const PYTHON = '/usr/bin/python3';

export interface Labelled {
  readonly table: Table;
  readonly labels: Float32Array;
  readonly weights?: Float32Array;
}

export class XgboostPeer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  readonly version: string;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, folder: string, version: string) {
    this.#child = child;
    this.#lines = lines;
    this.#folder = folder;
    this.version = version;
  }

  static async start(): Promise<XgboostPeer> {
    const folder = await mkdtemp(join(tmpdir(), 'splitmesh-trees-'));
    const child = spawn(PYTHON, [fileURLToPath(new URL('peer.py', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    return new XgboostPeer(child, lines, folder, String((await nextOf(lines)).version));
  }

  /** Trains with tree_method=exact on one thread; the model as XGBoost wrote it, and the milliseconds of CPU that training took. */
  async train(data: Labelled, options: Partial<TreeOptions>): Promise<{ readonly ms: number; readonly json: string }> {
    const { rounds = 100, depth = 6, eta = 0.3, lambda = 1, alpha = 0, gamma = 0, minChildWeight = 1, baseScore = 0.5 } = options;
    const parameters = { eta, lambda, alpha, gamma, max_depth: depth, min_child_weight: minChildWeight, base_score: baseScore };
    const model = join(this.#folder, 'trained.json');
    const table = await this.#write(data);
    const { ms } = await this.#ask({ do: 'train', table, parameters: { ...parameters, tree_method: 'exact' }, rounds, model });
    return { ms: ms as number, json: await readFile(model, 'utf8') };
  }

  /** What it says of a model: predictions, and per row the contribution of each column, the last one what is expected of all rows. */
  async predict(
    json: string,
    table: Table,
  ): Promise<{ readonly ms: number; readonly predictions: Float32Array; readonly contributions: Float32Array }> {
    const paths = {
      model: join(this.#folder, 'given.json'),
      predictions: join(this.#folder, 'predictions'),
      contributions: join(this.#folder, 'contributions'),
    };
    await writeFile(paths.model, json);
    const { ms } = await this.#ask({ do: 'predict', table: await this.#write({ table }), ...paths });
    const floats = async (path: string): Promise<Float32Array> => new Float32Array(new Uint8Array(await readFile(path)).buffer);
    return { ms: ms as number, predictions: await floats(paths.predictions), contributions: await floats(paths.contributions) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.stdin!.end();
      await once(this.#child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #write({ table, labels, weights }: Partial<Labelled> & Pick<Labelled, 'table'>): Promise<object> {
    const { columns, rows, names } = table;
    const data = new Float32Array(rows * columns.length);
    for (const [at, column] of columns.entries()) for (let row = 0; row < rows; row += 1) data[row * columns.length + at] = column[row]!;
    const write = async (name: string, values: Float32Array | undefined): Promise<string | null> => {
      if (values === undefined) return null;
      const path = join(this.#folder, name);
      await writeFile(path, values);
      return path;
    };
    const files = { data: await write('data', data), labels: await write('labels', labels), weights: await write('weights', weights) };
    return { ...files, names, rows, columns: columns.length };
  }

  async #ask(question: object): Promise<Readonly<Record<string, unknown>>> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    return await nextOf(this.#lines);
  }
}

async function nextOf(lines: AsyncIterator<string>): Promise<Readonly<Record<string, unknown>>> {
  const line = await lines.next();
  if (line.done) throw new Error(`${PYTHON} ended before it answered`);
  return JSON.parse(line.value) as Readonly<Record<string, unknown>>;
}

export function hasXgboost(): boolean {
  return spawnSync(PYTHON, ['-c', 'import xgboost'], { stdio: 'ignore' }).status === 0;
}
