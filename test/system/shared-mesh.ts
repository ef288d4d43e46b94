/** One real mesh for all tests of a file: it takes longer to start than most of what is done with it. */
import type { TestFn } from 'ava';
import { type Mesh, type MeshOptions, startMesh } from '../helpers/mesh-harness.ts';
import { OwnScope } from '../helpers/scope.ts';
import { waitUntil } from '../helpers/wait-until.ts';

export interface SharedMesh {
  readonly mesh: Mesh;
}

/**
 * Started before the first test of the file; gone after the last, with the look for what was left behind. Between two tests agents that were
 * killed are started again, those that were frozen go on, and no stage is left.
 */
export function shareMesh(test: TestFn, options: MeshOptions, prepare: (mesh: Mesh) => Promise<void> = async () => {}): SharedMesh {
  const scope = new OwnScope();
  let started: Mesh | undefined;
  test.before(async () => {
    started = await startMesh(scope, options);
    await prepare(started);
  });
  test.afterEach.always(async () => {
    for (const agent of started!.agents) {
      if (agent.process.running) agent.process.continue();
      else await agent.start();
    }
    await waitUntil('no stage is left', () => started!.agents.every((agent) => agent.stages().length === 0), 20_000);
  });
  test.after.always(() => scope.end());
  return {
    get mesh() {
      return started!;
    },
  };
}
