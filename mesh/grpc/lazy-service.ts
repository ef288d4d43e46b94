/**
 * A service whose implementation is loaded when it is first called. Health and reflection come with a protobuf parser of 15 MB that most
 * agents never need; until then messages are not parsed at all:
 *
 *     call ── bytes ──▶ load once ──▶ deserialize ──▶ implementation ──▶ serialize ── bytes ──▶ caller
 */
import type {
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** What a library's `addToServer` hands over. */
export interface LoadedService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface LazyMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly shape: 'unary' | 'server-stream' | 'duplex';
}

/** `load` returns the services that hold the methods, by path; it is called once, at the first call of any of them. */
export function addLazyMethods(server: Server, methods: readonly LazyMethod[], load: () => Promise<readonly LoadedService[]>): void {
  let loading: Promise<readonly LoadedService[]> | undefined;
  const definition: Record<string, unknown> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of methods) {
    definition[method.path] = {
      path: method.path,
      requestStream: method.shape === 'duplex',
      responseStream: method.shape !== 'unary',
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    const handle = (call: RawCall, callback: sendUnaryData<Buffer>): void => {
      loading ??= load();
      loading.then(
        (services) => dispatch(services, method, call, callback),
        (error: unknown) => call.emit('error', error),
      );
    };
    implementation[method.path] = handle as UntypedServiceImplementation[string];
  }
  server.addService(definition as ServiceDefinition, implementation);
}

type RawCall = ServerUnaryCall<Buffer, Buffer> & ServerWritableStream<Buffer, Buffer> & ServerDuplexStream<Buffer, Buffer>;

function same(bytes: Buffer): Buffer {
  return bytes;
}

function dispatch(services: readonly LoadedService[], method: LazyMethod, call: RawCall, callback: sendUnaryData<Buffer>): void {
  const [name, found, service] = findMethod(services, method.path);
  const handler = service.implementation[name] as (call: unknown, callback?: sendUnaryData<unknown>) => void;
  const parsed = {
    request: method.shape === 'duplex' ? undefined : found.requestDeserialize(call.request),
    metadata: call.metadata,
    on: (event: string, listener: (value: unknown) => void) =>
      call.on(event, event === 'data' ? (bytes: Buffer) => listener(found.requestDeserialize(bytes)) : listener),
    write: (value: unknown) => call.write(found.responseSerialize(value)),
    end: () => call.end(),
  };
  if (method.shape === 'unary') {
    handler(parsed, (error, value) => callback(error, value == null ? null : found.responseSerialize(value)));
  } else handler(parsed);
}

function findMethod(services: readonly LoadedService[], path: string): readonly [string, ServiceDefinition[string], LoadedService] {
  for (const service of services) {
    for (const [name, method] of Object.entries(service.definition)) {
      if (method.path !== path) continue;
      // Libraries implement methods under their name or its form in camel case.
      const key = [name, method.originalName].find((candidate) => candidate !== undefined && candidate in service.implementation);
      if (key !== undefined) return [key, method, service];
    }
  }
  throw new Error(`no service implements ${path}`);
}
