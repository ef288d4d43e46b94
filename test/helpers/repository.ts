/**
 * Where things are in this checkout. Programs are started from their sources, or as `make test` has built them (tools/bundle.ts), which is how they
 * are installed.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

const built = process.env.SPLITMESH_TEST_PROGRAMS;
const source = (name: string): string => fileURLToPath(new URL(`../../${name}.ts`, import.meta.url));
const program = (name: string): string =>
  built === undefined ? source(name) : fileURLToPath(new URL(`${name}.js`, pathToFileURL(`${built}/`)));

export const agentProgram = program('agent/main');
/** Module by module: one of them can be another. */
export const agentSource = source('agent/main');
export const stageProgram = program('agent/stage/main');
export const controllerProgram = program('controller/main');
