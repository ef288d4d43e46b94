import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import test from 'ava';
import { AgentClient } from '../../../controller/deploy/agent-client.ts';
import { MeshError } from '../../../mesh/error.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';
import { toStatus } from '../../../mesh/grpc/status.ts';
import { PROTOCOL_VERSION } from '../../../mesh/protocol-version.ts';
import { AgentService, DescribeReply, RenewReply } from '../../../proto/gen/mesh/v1/agent.ts';

type Call = ServerUnaryCall<unknown, unknown>;

/** An agent that gives these answers, on a port of its own unless one is given. */
function agent(answers: UntypedServiceImplementation, listen = '127.0.0.1:0'): Promise<GrpcServer> {
  const silent = (): void => {};
  const all = Object.fromEntries(Object.keys(AgentService).map((name) => [name, answers[name] ?? silent]));
  return GrpcServer.listen(listen, { insecure: false }, (server) => server.addService(AgentService, all));
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

test('an agent that was started again at the same address is reached at once, however often it was asked in vain', async (t) => {
  const renew = (_call: Call, reply: sendUnaryData<unknown>): void => reply(null, RenewReply.fromPartial({}));
  const before = await agent({ renew });
  using client = new AgentClient('pi1', before.address);
  await client.renew('r1', 1000);
  await before[Symbol.asyncDispose]();
  // Each failure doubles the time that a channel waits before it tries again.
  for (let asked = 0; asked < 20; asked += 1) await t.throwsAsync(client.renew('r1', 1000), { code: 'unreachable' });
  await using _after = await agent({ renew }, before.address);
  await t.notThrowsAsync(client.renew('r1', 1000));
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
