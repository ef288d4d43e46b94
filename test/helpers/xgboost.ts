/**
 * Debian's XGBoost, for tests that compare with it: installed by the first one that needs it, where that can be done.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hasXgboost } from '../../bench/trees/peer.ts';
import { isRoot } from './privileges.ts';

const INSTALL = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '-q', '--no-install-recommends', 'python3-xgboost'];

/** Why tests that need it are skipped; undefined: it is there. */
export function xgboostMissing(): string | undefined {
  if (hasXgboost()) return undefined;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return 'needs python3-xgboost, or root and apt-get to install it';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('/usr/bin/apt-get', INSTALL, { env, stdio: 'ignore', timeout: 100_000 });
  return hasXgboost() ? undefined : 'needs python3-xgboost, which apt-get did not install';
}
