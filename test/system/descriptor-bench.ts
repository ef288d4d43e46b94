/** `controller bench` about descriptors, in a mesh that tests share. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskResult } from '../../controller/report/task-results.ts';
import type { ControllerResult } from '../helpers/mesh-harness.ts';
import type { SharedMesh } from './shared-mesh.ts';

export interface Ran {
  readonly code: number | null;
  readonly tasks: readonly TaskResult[];
  readonly stderr: string;
}

export class DescriptorBench {
  readonly #shared: SharedMesh;

  constructor(shared: SharedMesh) {
    this.#shared = shared;
  }

  get data(): string {
    return join(this.#shared.mesh.folder, 'data');
  }

  /** Returns where it is. */
  async written(name: string, text: string): Promise<string> {
    const folder = join(this.#shared.mesh.folder, 'descriptors');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), text);
    return join(folder, name);
  }

  async bench(...args: string[]): Promise<ControllerResult> {
    return await this.#shared.mesh.runController(['bench', ...args, '--data', this.data]);
  }

  async run(what: string): Promise<Ran> {
    const { code, stderr, stdout, json } = await this.bench('run', what, '--json');
    if (stdout === '') throw new Error(`no results: ${stderr}`);
    return { code, tasks: (json() as { tasks: TaskResult[] }).tasks, stderr };
  }
}
