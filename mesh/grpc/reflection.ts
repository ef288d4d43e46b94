/**
 * The standard reflection service, so that grpcurl and its like can list and call the services without our .proto files.
 */
import { fileURLToPath } from 'node:url';
import type { Server } from '@grpc/grpc-js';
import { addLazyMethods, type LoadedService } from './lazy-service.ts';

/** Beside the code, in a checkout and in the published package alike. */
const protoFolder = fileURLToPath(new URL('../../proto', import.meta.url));

const standard = ['grpc.health.v1.Health'];

/** `protoFiles` are relative to proto/; `services` are listed, the rest of the files is there for their types. */
export function addReflection(server: Server, protoFiles: readonly string[], services: readonly string[]): void {
  addLazyMethods(
    server,
    [
      { path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', shape: 'duplex' },
      { path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', shape: 'duplex' },
    ],
    async () => {
      const [{ ReflectionService }, { load }, health] = await Promise.all([
        import('@grpc/reflection'),
        import('@grpc/proto-loader'),
        import('grpc-health-check'),
      ]);
      const files = await load([...protoFiles, health.protoPath], { includeDirs: [protoFolder], keepCase: true });
      const reflection = new ReflectionService(files, { services: [...services, ...standard] });
      const loaded: LoadedService[] = [];
      const capture = {
        addService: (definition: unknown, implementation: unknown) => loaded.push({ definition, implementation } as LoadedService),
      };
      reflection.addToServer(capture as unknown as Server);
      return loaded;
    },
  );
}
