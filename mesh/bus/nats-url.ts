/**
 * What a person writes for --nats: one or more URLs, `nats://[user:password@|token@]host[:port]`, separated by commas; `tls://` asks for
 * encryption. The client library wants the parts apart, and credentials must never reach a log.
 */
import { MeshError } from '../error.ts';

export interface NatsServers {
  /** `host:port`, without credentials: safe to show. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly tls: boolean;
}

/** Error `usage` when one of the URLs can't be understood, or they disagree on credentials or encryption. */
export function parseNatsUrl(text: string): NatsServers {
  const parsed = text.split(',').map((part) => parseOne(part.trim()));
  const first = parsed[0]!;
  const differs = parsed.some(
    (one) => one.user !== first.user || one.password !== first.password || one.token !== first.token || one.tls !== first.tls,
  );
  if (differs) throw new MeshError('usage', 'the NATS servers need the same credentials and the same scheme');
  return { ...first, servers: parsed.flatMap((one) => one.servers) };
}

function parseOne(text: string): NatsServers {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`);
  const user = decoded(url?.username);
  const password = decoded(url?.password);
  const known = url?.protocol === 'nats:' || url?.protocol === 'tls:';
  if (
    url === null ||
    !known ||
    user === undefined ||
    password === undefined ||
    url.hostname === '' ||
    (url.pathname !== '' && url.pathname !== '/') ||
    url.search !== ''
  ) {
    const shown = text.replace(/\/\/.*@/, '//…@');
    throw new MeshError('usage', `"${shown}" is not the URL of a NATS server`, { hint: 'for example nats://192.168.1.10:4222' });
  }
  const servers = [`${url.hostname}:${url.port === '' ? '4222' : url.port}`];
  const tls = url.protocol === 'tls:';
  if (user === '') return { servers, tls };
  if (password === '') return { servers, tls, token: user };
  return { servers, tls, user, password };
}

/** Undefined when a % is not followed by two digits of a byte. */
function decoded(part: string | undefined): string | undefined {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return undefined;
  }
}
