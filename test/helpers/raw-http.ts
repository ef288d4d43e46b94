/** Bytes as they are to an HTTP server: what no decent client would send. */
import { connect } from 'node:net';

/** All that the server says until it closes the connection, or `close` ends it from here after the first bytes of an answer. */
export function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      answer += part;
    });
    // A server that has said no may reset what is still being sent.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
