/**
 * c-blosc2 as it comes: its sources, compiled with our driver (native.c) into a temporary folder, as a process that answers line by line.
 *
 *     SPLITMESH_C_BLOSC2 = a folder of c-blosc2's sources, best with build/ made by its CMake: Release, static, without zlib and plugins
 *     (cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DBUILD_PLUGINS=OFF -DDEACTIVATE_ZLIB=ON …). Without build/ that is done here, in the
 *     temporary folder; CMake then fetches LZ4 and Zstd, or takes the sources that SPLITMESH_LZ4 and SPLITMESH_ZSTD name.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface NativeSources {
  readonly blosc2: string;
  readonly lz4: string | undefined;
  readonly zstd: string | undefined;
}

const off = ['BUILD_TESTS', 'BUILD_FUZZERS', 'BUILD_BENCHMARKS', 'BUILD_EXAMPLES', 'BUILD_SHARED', 'BUILD_PLUGINS'];

export class Native implements Disposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #folder: string;
  readonly #lines: AsyncIterator<string>;

  private constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#process = spawn(program, { stdio: 'pipe' });
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Compiles what is missing; takes a minute without build/. Error when a compiler or a source is missing. */
  static build(sources: NativeSources): Native {
    const folder = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
    try {
      const made = join(sources.blosc2, 'build');
      const libraries = existsSync(made) ? made : buildLibraries(sources, join(folder, 'build'));
      const program = join(folder, 'native');
      const source = fileURLToPath(new URL('native.c', import.meta.url));
      const archives = readdirSync(libraries, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.a'));
      const found = ['libblosc2.a', 'liblz4.a', 'libzstd.a'].flatMap((name) => archives.filter((path) => path.endsWith(name)).slice(0, 1));
      const libs = found.map((path) => join(libraries, path));
      // Those that c-blosc2 was not built with are the system's.
      const system = ['lz4', 'zstd'].filter((name) => !found.some((path) => path.endsWith(`lib${name}.a`))).map((name) => `-l${name}`);
      const include = `-I${join(sources.blosc2, 'include')}`;
      run('gcc', ['-O3', '-o', program, source, include, ...libs, ...system, '-lpthread', '-ldl', '-lm']);
      return new Native(folder, program);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async load(path: string): Promise<void> {
    await this.#ask(`load ${path}`);
  }

  /** Bytes of all chunks, and nanoseconds of a pass over the data. */
  async time(job: {
    readonly codec: number;
    readonly level: number;
    readonly filter: number;
    readonly typesize: number;
    readonly chunkBytes: number;
    readonly ms: number;
  }): Promise<{ readonly bytes: number; readonly compressNs: number; readonly decompressNs: number }> {
    const { codec, level, filter, typesize, chunkBytes, ms } = job;
    const [bytes, compressNs, decompressNs] = await this.#ask(`time ${codec} ${level} ${filter} ${typesize} ${chunkBytes} ${ms}`);
    return { bytes: bytes!, compressNs: compressNs!, decompressNs: decompressNs! };
  }

  /** Nanoseconds of a memcpy of the data, piece by piece. */
  async copy(chunkBytes: number, ms: number): Promise<number> {
    return (await this.#ask(`copy ${chunkBytes} ${ms}`))[0]!;
  }

  [Symbol.dispose](): void {
    this.#process.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(line: string): Promise<readonly number[]> {
    this.#process.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the native driver ended at: ${line}`);
    return (value as string).split(' ').map(Number);
  }
}

function buildLibraries({ blosc2, lz4, zstd }: NativeSources, folder: string): string {
  const settings = [
    'CMAKE_BUILD_TYPE=Release',
    'DEACTIVATE_ZLIB=ON',
    ...off.map((name) => `${name}=OFF`),
    ...(lz4 === undefined ? [] : [`BLOSC_LZ4_SOURCE_DIR=${lz4}`]),
    ...(zstd === undefined ? [] : [`BLOSC_ZSTD_SOURCE_DIR=${zstd}`]),
  ];
  run('cmake', ['-S', blosc2, '-B', folder, ...settings.map((setting) => `-D${setting}`)]);
  run('cmake', ['--build', folder, '--parallel', '2']);
  return folder;
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? `${stdout}\n${stderr}`.slice(-2000)}`);
}
