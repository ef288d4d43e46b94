/**
 * The process of a benchmark of a model: does what it was told, says what it measured, and exits. One thread computes and measures, so that nothing lies
 * between a measurement and the session; what it says goes out between two computations.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { InferenceSession } from 'onnxruntime-node';
import { MeshError } from '../../../mesh/error.ts';
import type { SessionSettings } from '../../../mesh/session-settings.ts';
import { Channel } from '../channel.ts';
import { openSession, type SessionExtras } from '../session/open-session.ts';
import { refusalOf } from '../session/refusal.ts';
import { augment } from './augment.ts';
import { infer } from './infer.ts';
import type { BenchProcessOrder, BenchProcessReport } from './protocol.ts';
import { time } from './timing.ts';
import { train } from './train/train.ts';

const now = (): number => performance.now();
const channel = Channel.toAgent({
  message: (order) => void obey(order as BenchProcessOrder),
  // The agent is gone: nobody wants to know any more.
  closed: () => process.exit(1),
});
// Ctrl-C in a terminal reaches the whole process group; the agent decides when a run ends.
process.on('SIGINT', () => {});

async function obey(order: BenchProcessOrder): Promise<void> {
  try {
    if (order.kind === 'training') await train(order, { say, open: openToTrain, augment, now });
    else if (order.kind === 'timing') await time(order, { say, open, now, io: ownIo });
    else await infer(order, { say, open, now });
    // Handed over is what was said before, too.
    channel.send({ kind: 'done' } satisfies BenchProcessReport, () => process.exit(0));
  } catch (error) {
    const { message, hint } = MeshError.from(error);
    const reason = hint === undefined ? message : `${message}; ${hint}`;
    channel.send({ kind: 'failed', reason } satisfies BenchProcessReport, () => process.exit(1));
  }
}

/** Error `invalid` or `unsupported`, in words for a person. */
async function open(modelPath: string, settings: SessionSettings, extras: SessionExtras = {}): Promise<InferenceSession> {
  try {
    return await openSession(modelPath, settings, extras);
  } catch (error) {
    const { code, reason } = refusalOf(MeshError.from(error).message, modelPath);
    throw new MeshError(code, reason, { cause: error });
  }
}

function openToTrain(modelPath: string, settings: SessionSettings): Promise<InferenceSession> {
  return open(modelPath, settings, { memoryPattern: false });
}

function ownIo(): string | undefined {
  try {
    return readFileSync('/proc/self/io', 'utf8');
  } catch {
    return undefined;
  }
}

function say(report: BenchProcessReport): void {
  channel.send(report);
}
