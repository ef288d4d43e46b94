/** Debian's pandas, for tests in which it reads what we write: installed by the first one that needs it, where that can be done. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isRoot } from './privileges.ts';

/** Debian's Python: others in front of it do not have Debian's packages. */
export const DEBIAN_PYTHON = '/usr/bin/python3';
const PACKAGES = ['python3-pandas', 'python3-openpyxl', 'python3-numpy'];
const INSTALL = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '-q', '--no-install-recommends', ...PACKAGES];

/** Why tests that need pandas, openpyxl and numpy are skipped; undefined: they are there. */
export function pandasMissing(): string | undefined {
  const modules = 'import pandas, openpyxl, numpy';
  if (imports(modules)) return undefined;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) return `needs ${PACKAGES.join(', ')}, or root and apt-get to install them`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('/usr/bin/apt-get', INSTALL, { env, stdio: 'ignore', timeout: 200_000 });
  return imports(modules) ? undefined : `needs ${PACKAGES.join(', ')}, which apt-get did not install`;
}

/** Debian 12 has neither of the two that pandas reads Parquet with. */
export function parquetEngineMissing(): string | undefined {
  const missing = pandasMissing();
  if (missing !== undefined || imports('import pyarrow') || imports('import fastparquet')) return missing;
  return "needs pyarrow or fastparquet; without them only Rust's reader has read it, in test/controller/export/parquet.test.ts";
}

function imports(modules: string): boolean {
  return spawnSync(DEBIAN_PYTHON, ['-c', modules], { stdio: 'ignore' }).status === 0;
}
