/** What the script of a page draws, in an empty world with nothing but what the page has. */
import { Script } from 'node:vm';

export interface Dataset {
  readonly type?: string;
  readonly label?: string;
  readonly yAxisID?: string;
  readonly pointStyle?: string;
  readonly borderColor?: string | readonly string[];
  readonly data: readonly { readonly x: number; readonly y: number; readonly row?: number }[];
}

export interface Config {
  readonly data: { readonly labels?: readonly unknown[]; readonly datasets: readonly Dataset[] };
  readonly options: {
    readonly scales: Readonly<
      Record<string, { readonly title?: { readonly text: string }; readonly type?: string; readonly max?: number }>
    >;
  };
}

export function scriptsOf(page: string): string[] {
  return [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
}

export function drawn(page: string, dark = false): { configs: Map<string, Config>; change(id: string, value: string): void } {
  const configs = new Map<string, Config>();
  const [data, , draw] = scriptsOf(page);
  const elements = new Map<
    string,
    { id: string; textContent: string; value: string; heard: () => void; addEventListener(kind: string, heard: () => void): void }
  >();
  const element = (id: string) => {
    const made = elements.get(id) ?? {
      id,
      textContent: id === 'data' ? data! : '',
      value: /<option value="(\d+)" selected>/.exec(page)?.[1] ?? '',
      heard: () => undefined,
      addEventListener(_: string, heard: () => void) {
        made.heard = heard as () => undefined;
      },
    };
    elements.set(id, made);
    return page.includes(`id="${id}"`) ? made : null;
  };
  class Chart {
    static defaults = { font: {} };
    constructor(canvas: { id: string }, config: Config) {
      configs.set(canvas.id, config);
    }
    destroy() {}
  }
  const document = { getElementById: element };
  const world = {
    Chart,
    document,
    window: { document, matchMedia: () => ({ matches: dark, addEventListener() {} }), addEventListener() {} },
  };
  new Script(draw!).runInNewContext(world);
  return {
    configs,
    change(id, value) {
      element(id)!.value = value;
      element(id)!.heard();
    },
  };
}

/** Tags that are not closed, or closed in another order. */
export function unclosed(page: string): string[] {
  const markup = page.replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (closing !== '/') {
      if (name !== 'meta') open.push(name!);
    } else if (open.at(-1) === name) open.pop();
    else wrong.push(name!);
  }
  return [...open, ...wrong];
}
