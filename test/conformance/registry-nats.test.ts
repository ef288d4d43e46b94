import { jetstreamManager } from '@nats-io/jetstream';
import test from 'ava';
import { connectNats } from '../../mesh/bus/nats.ts';
import { NatsRegistry } from '../../mesh/bus/nats-registry.ts';
import { NatsServer } from '../helpers/nats-server.ts';
import { testRegistry } from './registry.ts';

testRegistry(test.serial as typeof test, 'nats', async (t) => {
  const server = await NatsServer.start(t);
  const connect = async () => {
    const bus = await connectNats({ url: server.url, clientName: 'conformance', onError: () => {} });
    t.teardown(() => bus.close());
    return bus;
  };
  return {
    registry: async () => {
      const bus = await connect();
      return new NatsRegistry(() => bus.connection, 'mesh_test_runs');
    },
    lose: async () => {
      const bus = await connect();
      await (await jetstreamManager(bus.connection)).streams.delete('KV_mesh_test_runs');
    },
  };
});
