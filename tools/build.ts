/**
 * `npm run build`: dist/ is what the npm package contains. It mirrors the repository, so that code finds its neighbours (the wire contract
 * for server reflection, package.json for the version) at the same relative place, compiled or not.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const { status, error } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: ['ignore', 'inherit', 'inherit'] });
if (error !== undefined) throw error;
if (status !== 0) process.exit(1);

cpSync('proto/mesh', 'dist/proto/mesh', { recursive: true });
const { name, version, type } = JSON.parse(readFileSync('package.json', 'utf8'));
writeFileSync('dist/package.json', `${JSON.stringify({ name, version, type })}\n`);
