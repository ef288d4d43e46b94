/** States from any Prometheus that scrapes Node Exporters with characterization agents beside them, or agents of splitmesh, which say both. */
import { MeshError } from '../../../mesh/error.ts';
import { type Answers, joinMetrics } from './join-metrics.ts';
import type { DeviceStates, KnownState } from './known-state.ts';
import { PrometheusApi, type PrometheusOptions, type Series } from './prometheus-api.ts';
import { essential, type QueryName, queries } from './prometheus-queries.ts';

export interface PrometheusStatesOptions extends PrometheusOptions {
  readonly staleAfterMs: number;
}

export class PrometheusStates implements DeviceStates {
  readonly #options: PrometheusStatesOptions;
  readonly #api: PrometheusApi;

  constructor(options: PrometheusStatesOptions) {
    this.#options = options;
    this.#api = new PrometheusApi(options);
  }

  async now(signal: AbortSignal): Promise<readonly KnownState[]> {
    const names = Object.keys(queries) as QueryName[];
    const answers = await Promise.all(names.map(async (name) => [name, await this.#ask(name, signal)] as const));
    return joinMetrics(Object.fromEntries(answers) as Answers, this.#options.staleAfterMs);
  }

  async #ask(name: QueryName, signal: AbortSignal): Promise<readonly Series[]> {
    try {
      return await this.#api.query(queries[name], signal);
    } catch (error) {
      signal.throwIfAborted();
      if (essential.includes(name)) throw error;
      this.#options.onWarning(`${name} is not known: ${MeshError.from(error).message}`);
      return [];
    }
  }
}

/** Error `usage` when the text is no URL of a Prometheus. */
export function parsePrometheusUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new MeshError('usage', `--prometheus: "${url === undefined ? text : url.origin}" is not an http URL`, {
      hint: 'for example http://192.168.1.10:9090',
    });
  }
  return url;
}
