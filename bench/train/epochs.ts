/**
 * What a person gets: each model trained by the product itself, from options to a record, under an agent.
 *
 *     controller bench run --mode train --model M --threads 1 --json ─▶ seconds per epoch, peak memory, accuracy
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { epochMs, examplesPerS } from '../../mesh/training/figures.ts';
import type { Table } from '../support/report.ts';
import { controllerJson } from '../support/run-controller.ts';
import { median } from '../support/statistics.ts';

/** `epochs`: of each model, and as many of reconstruction for auto-encoders, at most five. */
export async function epochsTable(models: readonly string[], epochs: number): Promise<Table> {
  const data = mkdtempSync(join(tmpdir(), 'splitmesh-bench-'));
  try {
    const lines: (string | number)[][] = [];
    for (const model of models) {
      const argv = [
        'bench',
        'run',
        '--mode',
        'train',
        '--model',
        model,
        '--epochs',
        String(epochs),
        '--threads',
        '1',
        '--data',
        data,
        '--json',
      ];
      lines.push(lineOf(model, await controllerJson<BenchRecord>(argv)));
    }
    return {
      title: `${epochs} epochs of synthetic-bearing (800 windows, 200 to validate) by controller bench run, Adam, one thread`,
      columns: [
        '',
        's per epoch',
        'examples/s',
        'load s',
        'batches %',
        'steps %',
        'validate %',
        'write %',
        'peak MiB',
        'of it kept',
        'best accuracy',
      ],
      lines,
    };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function lineOf(model: string, { training, use }: BenchRecord): (string | number)[] {
  const { epochs, batch, sessionMs, bestEpoch } = training!;
  const last = epochs.filter(({ stage }) => stage === epochs.at(-1)!.stage);
  const share = (part: (epoch: (typeof last)[number]) => number): number =>
    median(last.map((epoch) => (100 * part(epoch)) / epochMs(epoch)));
  return [
    model,
    median(last.map(epochMs)) / 1000,
    median(last.map((epoch) => examplesPerS(epoch, batch))),
    sessionMs / 1000,
    share(({ batchesMs }) => batchesMs),
    share(({ stepsMs }) => stepsMs),
    share(({ validateMs }) => validateMs),
    share(({ checkpointMs = 0 }) => checkpointMs),
    (use.peakMemoryBytes ?? use.treeHighWaterBytes ?? Number.NaN) / 2 ** 20,
    (use.peakUnreclaimableBytes ?? Number.NaN) / 2 ** 20,
    `${(100 * (epochs[bestEpoch!]?.validation.accuracy ?? Number.NaN)).toFixed(1)} %`,
  ];
}
