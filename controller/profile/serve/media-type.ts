/** The header Content-Type, taken apart (RFC 9110, section 8.3.1): what the body is said to be. */
export interface MediaType {
  /** Lower case, for example `application/json`; empty: nothing was said. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export function parseMediaType(header: string | undefined): MediaType {
  const [type = '', ...rest] = (header ?? '').split(';');
  const parameters = rest.flatMap((part) => {
    const [, name, plain, quoted] = /^\s*([^\s=]+)=(?:([^\s"]+)|"((?:[^"\\]|\\.)*)")\s*$/.exec(part) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), plain ?? (quoted ?? '').replace(/\\(.)/g, '$1')] as const];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
}

/** As Flask takes it: also `application/vnd.something+json`. */
export function isJson({ type, parameters }: MediaType): boolean {
  const charset = parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  return /^application\/(json|[^/]+\+json)$/.test(type) && /^(utf-?8|us-ascii)$/.test(charset);
}
