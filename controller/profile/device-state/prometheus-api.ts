/**
 * Asks a Prometheus (or what speaks its HTTP API, as Thanos and VictoriaMetrics do) for the present value of an expression. Nothing it sends is trusted:
 * an answer is bounded in time and bytes, and has the form that the API describes, or is an error.
 *
 * Source: prometheus.io/docs/prometheus/latest/querying/api, instant queries.
 */
import { MeshError } from '../../../mesh/error.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** When it was evaluated, by the clock of the Prometheus. */
  readonly atMs: number;
}

export interface PrometheusOptions {
  readonly url: URL;
  /** For one query. */
  readonly timeoutMs: number;
  /** A Prometheus says that its answer may lack something. */
  readonly onWarning: (message: string) => void;
}

/** Tens of thousands of series. */
const ANSWER_BYTES_MAX = 16 * 2 ** 20;

export class PrometheusApi {
  readonly #options: PrometheusOptions;
  readonly #endpoint: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: PrometheusOptions) {
    const { url } = options;
    this.#options = options;
    // Name and password belong in a header: fetch refuses them in a URL, and no message of an error shows them.
    this.#endpoint = new URL(`${url.origin}${url.pathname.replace(/\/$/, '')}/api/v1/query`);
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    this.#headers = login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  }

  /** Errors: `unreachable`, `timeout`, `failed` when it says that it can't, `invalid` when the answer is none; the signal's reason. */
  async query(expression: string, signal: AbortSignal): Promise<readonly Series[]> {
    const { timeoutMs } = this.#options;
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(this.#endpoint, {
        method: 'POST',
        body: new URLSearchParams({ query: expression, timeout: `${timeoutMs}ms` }),
        headers: this.#headers,
        signal: AbortSignal.any([signal, late]),
      });
      return this.#read(response.status, await boundedText(response));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MeshError) throw error;
      if (late.aborted)
        throw new MeshError('timeout', `the Prometheus at ${this.#endpoint.origin} did not answer within ${timeoutMs / 1000} s`);
      throw new MeshError('unreachable', `the Prometheus at ${this.#endpoint.origin} can't be reached: ${causeOf(error)}`, {
        cause: error,
      });
    }
  }

  #read(status: number, text: string): readonly Series[] {
    const where = `the Prometheus at ${this.#endpoint.origin}`;
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (error) {
      throw new MeshError('invalid', `${where} answers with status ${status} and no JSON`, { cause: error, hint: 'is it the right URL?' });
    }
    if (!isRecord(answer)) throw new MeshError('invalid', `${where} answers with JSON that is no object`);
    if (answer.status !== 'success') {
      throw new MeshError('failed', `${where} says: ${typeof answer.error === 'string' ? answer.error.slice(0, 200) : `status ${status}`}`);
    }
    if (Array.isArray(answer.warnings)) for (const warning of answer.warnings) this.#options.onWarning(String(warning).slice(0, 200));
    const { data } = answer;
    if (!isRecord(data) || data.resultType !== 'vector' || !Array.isArray(data.result)) {
      throw new MeshError('invalid', `${where} answers without a vector: expected data.resultType "vector" and data.result`);
    }
    return data.result.map((entry) => seriesOf(entry, where));
  }
}

function seriesOf(entry: unknown, where: string): Series {
  const { metric, value } = isRecord(entry) ? entry : {};
  const [at, text] = Array.isArray(value) ? value : [];
  if (!isRecord(metric) || typeof at !== 'number' || typeof text !== 'string') {
    throw new MeshError(
      'invalid',
      `${where} answers with a series that is none: expected metric and value, found ${JSON.stringify(entry).slice(0, 100)}`,
    );
  }
  const labels = Object.fromEntries(Object.entries(metric).map(([name, label]) => [name, String(label)]));
  return { labels, value: numberOf(text), atMs: at * 1000 };
}

/** Numbers are texts, so that NaN, +Inf and -Inf can be said. */
function numberOf(text: string): number {
  const infinite = /^([+-]?)Inf$/.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text.trim() === '' ? Number.NaN : Number(text);
}

async function boundedText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > ANSWER_BYTES_MAX) throw new MeshError('invalid', `an answer of a Prometheus has more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** fetch hides what happened behind "fetch failed". */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
