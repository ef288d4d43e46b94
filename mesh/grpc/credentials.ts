/**
 * Channel and server credentials come from here and from nowhere else, so that TLS and enrolment can be added without touching callers.
 *
 * Until then traffic is plain text: loopback needs no permission, any other address needs the person's explicit `insecure`.
 */
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { isLoopback, splitAddress } from '../address.ts';
import { MeshError } from '../error.ts';

export interface Security {
  /** The person said `--insecure`: plain text beyond loopback is allowed. */
  readonly insecure: boolean;
}

export function serverCredentials(listen: string, security: Security): ServerCredentials {
  const { host } = splitAddress(listen);
  if (!isLoopback(host) && !security.insecure) {
    throw new MeshError(
      'denied',
      `refusing to listen on ${listen}: traffic is not encrypted and anyone who reaches this address could use this device`,
      {
        hint: 'listen on 127.0.0.1, or add --insecure when every machine on this network is trusted',
      },
    );
  }
  return ServerCredentials.createInsecure();
}

export function channelCredentials(): ChannelCredentials {
  return ChannelCredentials.createInsecure();
}
