import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { GrpcServer } from '../../../mesh/grpc/server.ts';

const closed = { insecure: false };

test('port 0 becomes a real port', async (t) => {
  await using server = await GrpcServer.listen('127.0.0.1:0', closed, () => {});
  t.true(server.port > 0);
  t.is(server.address, `127.0.0.1:${server.port}`);
});

test('a port in use is an error that names it', async (t) => {
  await using server = await GrpcServer.listen('127.0.0.1:0', closed, () => {});
  const error = await t.throwsAsync(
    GrpcServer.listen(server.address, closed, () => {}),
    { instanceOf: MeshError },
  );
  t.is(error?.code, 'conflict');
  t.true(error?.message.includes(server.address));
  t.regex(error?.hint ?? '', /another port/);
});

test('an address that is none of this machine is an error', async (t) => {
  const error = await t.throwsAsync(
    GrpcServer.listen('192.0.2.1:0', { insecure: true }, () => {}),
    { instanceOf: MeshError },
  );
  t.is(error?.code, 'usage');
});

test('beyond loopback a server needs permission', async (t) => {
  const error = await t.throwsAsync(
    GrpcServer.listen('0.0.0.0:0', closed, () => {}),
    { instanceOf: MeshError },
  );
  t.is(error?.code, 'denied');
  await using server = await GrpcServer.listen('0.0.0.0:0', { insecure: true }, () => {});
  t.true(server.port > 0);
});

test('a stopped server frees its port', async (t) => {
  const server = await GrpcServer.listen('127.0.0.1:0', closed, () => {});
  await server.stop(1000);
  await using again = await GrpcServer.listen(server.address, closed, () => {});
  t.is(again.port, server.port);
});
