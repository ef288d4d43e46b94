/** The thread that owns the database: writing to a slow disk holds up nobody else. Answers requests in the order they came. */
import { parentPort, workerData } from 'node:worker_threads';
import { MeshError } from '../../mesh/error.ts';
import { answerOfBenches, isBenchRequest } from './bench-queries.ts';
import { answerOfProfile, isProfileRequest } from './profile-queries.ts';
import { answerOfRuns } from './queries.ts';
import type { Envelope, Reply } from './records.ts';
import { openDatabase } from './schema.ts';
import { answerOfTasks, isTaskRequest } from './task-queries.ts';

const port = parentPort!;
const path = (workerData as { readonly path: string }).path;

// Opened at the first request, so that an error is the answer to it.
let database: ReturnType<typeof openDatabase> | undefined;

port.on('message', (message: Envelope | 'close') => {
  if (message === 'close') {
    database?.close();
    port.close();
    return;
  }
  const { id, request } = message;
  const work = (): unknown => {
    database ??= openDatabase(path);
    if (isTaskRequest(request)) return answerOfTasks(database, request);
    if (isProfileRequest(request)) return answerOfProfile(database, request);
    return isBenchRequest(request) ? answerOfBenches(database, request) : answerOfRuns(database, request);
  };
  port.postMessage(reply(id, work));
});

function reply(id: number, work: () => unknown): Reply {
  try {
    return { id, answer: work() };
  } catch (thrown) {
    const { code, message, hint } = MeshError.from(thrown);
    return { id, error: { code, message, hint } };
  }
}
