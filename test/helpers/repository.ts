/**
 * Where things are in this checkout.
 */
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const agentProgram = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
export const controllerProgram = fileURLToPath(new URL('../../controller/main.ts', import.meta.url));
