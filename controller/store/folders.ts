/** Where things are kept between commands, as the XDG base directory specification has it. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Runs: --data, or SPLITMESH_DATA, or XDG_DATA_HOME/splitmesh, or ~/.local/share/splitmesh. */
export function dataFolder(option: string | undefined, env: Env): string {
  const said = option ?? env.SPLITMESH_DATA;
  if (said !== undefined && said !== '') return resolve(said);
  return join(base(env, 'XDG_DATA_HOME', '.local/share'), 'splitmesh');
}

/** Models made from code and what was cut from them; may be deleted at any time: XDG_CACHE_HOME/splitmesh or ~/.cache/splitmesh. */
export function cacheFolder(env: Env): string {
  return join(base(env, 'XDG_CACHE_HOME', '.cache'), 'splitmesh');
}

function base(env: Env, variable: string, fallback: string): string {
  const said = env[variable];
  // The specification: relative paths are to be ignored.
  if (said !== undefined && isAbsolute(said)) return said;
  return join(env.HOME ?? homedir(), fallback);
}
