import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import test from 'ava';
import { AgentClient } from '../../../controller/deploy/agent-client.ts';
import { MeshError } from '../../../mesh/error.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import { toStatus } from '../../../mesh/grpc/status.ts';
import { PROTOCOL_VERSION } from '../../../mesh/protocol-version.ts';
import { AgentService, DescribeReply } from '../../../proto/gen/mesh/v1/agent.ts';

type Call = ServerUnaryCall<unknown, unknown>;

/** An agent that gives these answers, on a port of its own. */
function agent(answers: UntypedServiceImplementation): Promise<GrpcServer> {
  const silent = (): void => {};
  const all = Object.fromEntries(Object.keys(AgentService).map((name) => [name, answers[name] ?? silent]));
  return GrpcServer.listen('127.0.0.1:0', { insecure: false }, (server) => server.addService(AgentService, all));
}

test('an agent of another protocol version is refused, and both versions are named', async (t) => {
  await using server = await agent({
    describe: (_call: Call, reply: sendUnaryData<unknown>) =>
      reply(null, DescribeReply.fromPartial({ protocolVersion: PROTOCOL_VERSION + 1, softwareVersion: '9.9.9' })),
  });
  using client = new AgentClient('pi1', server.address);
  const error = await t.throwsAsync<MeshError>(client.describe());
  t.is(error.code, 'conflict');
  t.true(error.message.startsWith(`pi1 at ${server.address} speaks protocol version ${PROTOCOL_VERSION + 1} (splitmesh 9.9.9)`));
  t.true(error.message.endsWith(`this controller version ${PROTOCOL_VERSION}`));
  t.regex(error.hint ?? '', /same release/);
});

test('a device that is not there is named with its address', async (t) => {
  using client = new AgentClient('pi1', '127.0.0.1:1');
  await t.throwsAsync(client.describe(), { code: 'unreachable', message: /^pi1 at 127\.0\.0\.1:1 can't be reached/ });
});

test('what an agent refuses keeps its code, words and hint', async (t) => {
  await using server = await agent({
    renew: (_call: Call, reply: sendUnaryData<unknown>) =>
      reply(toStatus(new MeshError('not-found', 'no stage of run r1 is on pi1', { hint: 'load it again' })) as never),
  });
  using client = new AgentClient('pi1', server.address);
  const error = await t.throwsAsync<MeshError>(client.renew('r1', 1000));
  t.like(error, { code: 'not-found', message: 'no stage of run r1 is on pi1', hint: 'load it again' });
});

test('an interrupted call ends at once, whatever the agent does', async (t) => {
  await using server = await agent({});
  using client = new AgentClient('pi1', server.address);
  const abort = new AbortController();
  const call = client.retire('r1', 1n, abort.signal);
  abort.abort();
  await t.throwsAsync(call, { code: 'cancelled' });
  await t.throwsAsync(client.describe(abort.signal), { code: 'cancelled' });
});
