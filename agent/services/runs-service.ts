/**
 * The Runs service: detached runs that this agent keeps alive. Conversion and status codes only; the work is the run host's.
 */
import { MeshError } from '../../mesh/error.ts';
import { unary } from '../../mesh/grpc/handler.ts';
import { checkName } from '../../mesh/name.ts';
import { runOrderFromWire } from '../../mesh/wire-run.ts';
import { LaunchReply, ListRunsReply, type RunsServer, StopRunReply } from '../../proto/gen/mesh/v1/runs.ts';
import type { RunHost } from '../runs/run-host.ts';

/** For reflection and health. */
export const RUNS_SERVICE = 'mesh.v1.Runs';

/** `host` undefined: this agent has no NATS, without which nobody could find a run again. */
export function createRunsService(host: () => RunHost | undefined, onBug: (error: unknown) => void): RunsServer {
  const present = (): RunHost => {
    const found = host();
    if (found !== undefined) return found;
    throw new MeshError('unsupported', 'this agent keeps no runs: it is not connected to a NATS server', {
      hint: 'start it with --nats URL',
    });
  };
  return {
    launch: unary(async ({ order }) => {
      await present().launch(runOrderFromWire(order));
      return LaunchReply.fromPartial({});
    }, onBug),

    list: unary(() => ListRunsReply.fromPartial({ runs: host()?.list() ?? [] }), onBug),

    stop: unary(async ({ run }) => {
      await present().stop(checkName(run, 'run'));
      return StopRunReply.fromPartial({});
    }, onBug),
  };
}
