/** Health and reflection, spoken to the way other tools do: with the standard contracts and nothing of ours. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import test, { type ExecutionContext } from 'ava';
import { protoPath as healthProto } from 'grpc-health-check';
import { channelCredentials } from '../../../mesh/grpc/credentials.ts';
import { call, startTestDaemon } from '../daemon-harness.ts';

const reflectionFolder = join(dirname(createRequire(import.meta.url).resolve('@grpc/reflection')), '../proto/grpc/reflection');

// biome-ignore lint/suspicious/noExplicitAny: a dynamic client has whatever methods and messages the file says.
type Anything = any;
type Dynamic = Client & Record<string, Anything>;

function clientOf(t: ExecutionContext, protoFile: string, service: string, address: string): Dynamic {
  let found: unknown = loadPackageDefinition(loadSync(protoFile, { longs: String, enums: String, defaults: true, oneofs: true }));
  for (const part of service.split('.')) found = (found as Record<string, unknown>)[part];
  const client = new (found as ServiceClientConstructor)(address, channelCredentials()) as Dynamic;
  t.teardown(() => client.close());
  return client;
}

function healthClient(t: ExecutionContext, address: string): Dynamic {
  return clientOf(t, healthProto, 'grpc.health.v1.Health', address);
}

test('health: the agent and its services are serving, unknown ones are not found', async (t) => {
  const { daemon } = await startTestDaemon(t);
  const client = healthClient(t, daemon.address);
  const check = promisify(client.check!.bind(client)) as (request: { service: string }) => Promise<unknown>;
  t.deepEqual(await check({ service: '' }), { status: 'SERVING' });
  t.deepEqual(await check({ service: 'mesh.v1.Agent' }), { status: 'SERVING' });
  t.like(await t.throwsAsync(check({ service: 'mesh.v1.Nothing' })), { code: 5 });
});

test('health: a watcher is told when the agent drains', async (t) => {
  const { daemon, client } = await startTestDaemon(t);
  const watch = healthClient(t, daemon.address).watch({ service: 'mesh.v1.Agent' }) as ClientReadableStream<{ status: string }>;
  const seen: string[] = [];
  const told = new Promise<void>((resolve) => {
    watch.on('data', ({ status }: { status: string }) => {
      seen.push(status);
      if (seen.length === 1) void call(client, client.drain)({});
      if (seen.length === 2) resolve();
    });
  });
  watch.on('error', () => {});
  await told;
  watch.cancel();
  t.deepEqual(seen, ['SERVING', 'NOT_SERVING']);
});

for (const version of ['v1', 'v1alpha']) {
  test(`reflection (${version}): services are listed and described, with the types they use`, async (t) => {
    const { daemon } = await startTestDaemon(t);
    const service = `grpc.reflection.${version}.ServerReflection`;
    const client = clientOf(t, join(reflectionFolder, version, 'reflection.proto'), service, daemon.address);
    const stream = client.serverReflectionInfo() as ClientDuplexStream<object, Record<string, Anything>>;
    const replies = stream[Symbol.asyncIterator]();
    const ask = async (request: object): Promise<Record<string, Anything>> => {
      stream.write(request);
      return (await replies.next()).value;
    };
    const listed = await ask({ listServices: '*' });
    const names = listed.listServicesResponse.service.map(({ name }: { name: string }) => name);
    for (const name of ['mesh.v1.Agent', 'mesh.v1.Files', 'mesh.v1.Runs', 'mesh.v1.Bench', 'grpc.health.v1.Health'])
      t.true(names.includes(name), name);
    const described = await ask({ fileContainingSymbol: 'mesh.v1.Agent' });
    const descriptors = described.fileDescriptorResponse.fileDescriptorProto as readonly Buffer[];
    const files = descriptors.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    const agent = files.flatMap((file) => file.service).find(({ name }) => name === 'Agent');
    t.deepEqual(
      agent?.method.map(({ name }) => name),
      ['Describe', 'Load', 'Start', 'Recode', 'Retire', 'Renew', 'Watch', 'Drain'],
    );
    t.true(files.some((file) => file.messageType.some(({ name }) => name === 'TensorSpec')));
    const unknown = await ask({ fileContainingSymbol: 'mesh.v1.Nothing' });
    t.is(unknown.errorResponse.errorCode, 5);
    stream.end();
    t.true((await replies.next()).done);
  });
}
