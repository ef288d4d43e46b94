import test from 'ava';
import { MemoryBroker } from '../../mesh/bus/memory.ts';
import { testBus } from './bus.ts';

testBus(test, 'memory', async () => {
  const broker = new MemoryBroker();
  return {
    bus: async (onError = rethrow) => broker.bus(onError),
    stopBroker: async () => broker.stop(),
    startBroker: async () => broker.start(),
  };
});

function rethrow(error: unknown): void {
  throw error;
}
