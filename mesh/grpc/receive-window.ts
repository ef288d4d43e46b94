/**
 * Gives an HTTP/2 server of this process a wider window for what it receives on some paths.
 *
 * A gRPC server takes 64 KiB at a time from each client, whatever its flow-control option says: at 20 ms of round trip 3 MB/s, and on loopback
 * a wake-up of both ends for every few frames. The library keeps its sessions to itself; Node announces their streams on a diagnostics
 * channel, and that is enough to widen the window of a session as soon as a stream of interest is opened on it. A Node that does not
 * announce them leaves the window as it is.
 */
import { subscribe } from 'node:diagnostics_channel';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';

interface StreamCreated {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/** `paths` as in gRPC: "/package.Service/Method". For as long as the process lives. */
export function widenReceiveWindow(paths: readonly string[], windowBytes: number): void {
  subscribe('http2.server.stream.created', (message) => {
    const { stream, headers } = message as StreamCreated;
    const { session } = stream;
    const path = headers[constants.HTTP2_HEADER_PATH];
    if (session === undefined || typeof path !== 'string' || !paths.includes(path)) return;
    if ((session.state.effectiveLocalWindowSize ?? windowBytes) >= windowBytes) return;
    session.setLocalWindowSize(windowBytes);
    // Also of streams that are open.
    session.settings({ initialWindowSize: windowBytes });
  });
}
