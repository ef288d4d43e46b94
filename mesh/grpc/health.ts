/**
 * The standard health service (grpc.health.v1), so that any tool that knows gRPC can ask whether an agent is well.
 */
import type { Server } from '@grpc/grpc-js';
import type { HealthImplementation } from 'grpc-health-check';
import { addLazyMethods, type LoadedService } from './lazy-service.ts';

export class Health {
  /** By service name; empty: the server as a whole. */
  readonly #serving: Map<string, boolean>;
  #loaded: HealthImplementation | undefined;

  constructor(services: readonly string[]) {
    this.#serving = new Map(['', ...services].map((name) => [name, true]));
  }

  addTo(server: Server): void {
    addLazyMethods(
      server,
      [
        { path: '/grpc.health.v1.Health/Check', shape: 'unary' },
        { path: '/grpc.health.v1.Health/List', shape: 'unary' },
        { path: '/grpc.health.v1.Health/Watch', shape: 'server-stream' },
      ],
      () => this.#load(),
    );
  }

  set(service: string, serving: boolean): void {
    this.#serving.set(service, serving);
    this.#loaded?.setStatus(service, statusOf(serving));
  }

  async #load(): Promise<LoadedService[]> {
    const { HealthImplementation } = await import('grpc-health-check');
    this.#loaded = new HealthImplementation(Object.fromEntries([...this.#serving].map(([name, serving]) => [name, statusOf(serving)])));
    const services: LoadedService[] = [];
    const capture = {
      addService: (definition: unknown, implementation: unknown) => services.push({ definition, implementation } as LoadedService),
    };
    this.#loaded.addToServer(capture as unknown as Server);
    return services;
  }
}

function statusOf(serving: boolean): 'SERVING' | 'NOT_SERVING' {
  return serving ? 'SERVING' : 'NOT_SERVING';
}
