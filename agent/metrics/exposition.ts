/** Families as the text that Prometheus scrapes (text format 0.0.4). A registry lives for one scrape: nothing of the one before can be in it. */
import type { Family } from './family.ts';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Families without samples are left out: a value that is not known is absent, never 0. */
export async function exposition(families: readonly Family[]): Promise<Exposition> {
  // Not above: in the bundled agent that would load the library also when nobody scrapes.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  for (const { name, help, type, samples } of families) {
    const [first] = samples;
    if (first === undefined) continue;
    const options = { name, help, labelNames: Object.keys(first.labels), registers: [registry] };
    if (type === 'gauge') {
      const metric = new Gauge(options);
      for (const { labels, value } of samples) metric.set(labels, value);
    } else {
      const metric = new Counter(options);
      for (const { labels, value } of samples) metric.inc(labels, value);
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}
