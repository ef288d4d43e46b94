/**
 * A run's report as a person reads it, in 80 columns.
 */

import type { ParallelCosts } from '../run/split-by-cuts.ts';
import type { Distribution } from '../run/statistics.ts';
import { bytes, duration, milliseconds, percent, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { LinkReport, RunReport, StageReport } from './run-report.ts';

const stageHead: readonly Column[] = [
  { title: 'STAGE' },
  { title: 'DEVICE', flexible: true },
  { title: 'LAYERS', flexible: true },
  { title: 'COMPUTE', align: 'right' },
  { title: 'QUEUE', align: 'right' },
  { title: 'DECODE', align: 'right' },
  { title: 'ENCODE', align: 'right' },
  { title: 'THR', align: 'right' },
  { title: 'BUSY', align: 'right' },
];

const linkHead: readonly Column[] = [
  { title: 'LINK', flexible: true },
  { title: 'BYTES/FRAME', align: 'right' },
  { title: 'ON WIRE', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'MB/S', align: 'right' },
  { title: 'CODEC' },
];

/** Lines joined by line breaks, with one at the end. */
export function runText(report: RunReport, columns: number): string {
  const width = Math.min(columns, 100);
  const lines = [
    `${report.model}  ${stagesPhrase(report)}  run ${report.run}`,
    '',
    ...formatTable(
      stageHead,
      report.stages.map((stage) => stageRow(stage, report)),
      width,
    ),
    '',
    ...formatTable(linkHead, report.links.map(linkRow), width),
    '',
    `throughput   ${throughput(report)}`,
    `latency      ${latency(report.latencyMs)}`,
    `frames       ${frames(report)}`,
    `verified     ${verified(report)}`,
    `speed        ${oneDevice(report).join(`\n${' '.repeat(13)}`)}`,
    ...(report.parallel === undefined ? [] : [`in parallel  ${parallel(report.parallel)}`]),
    '',
    'Times are medians in ms; TIME is from offered to received, waiting included.',
  ];
  return `${lines.join('\n')}\n`;
}

function stagesPhrase({ plan }: RunReport): string {
  const devices = new Set(plan.stages.map((stage) => stage.device)).size;
  const stages = plan.stages.length;
  return `${stages} ${stages === 1 ? 'stage' : 'stages'} on ${devices} ${devices === 1 ? 'device' : 'devices'}`;
}

function stageRow(stage: StageReport, { plan }: RunReport): string[] {
  const planned = plan.stages.find((entry) => entry.id === stage.id)!;
  const median = (values: Distribution | null): string => milliseconds(values?.p50);
  return [
    stage.id,
    stage.device,
    planned.layers,
    median(stage.computeMs),
    median(stage.queueMs),
    median(stage.decodeMs),
    median(stage.encodeMs),
    String(stage.threads),
    stage.busyShare === null ? '–' : percent(stage.busyShare),
  ];
}

function linkRow(link: LinkReport): string[] {
  const size = (value: number | null): string => (value === null ? '–' : bytes(Math.round(value)));
  return [
    `${link.from} → ${link.to}`,
    size(link.rawBytesPerFrame),
    size(link.wireBytesPerFrame),
    milliseconds(link.transferMs?.p50),
    link.mbPerS === null ? '–' : threeDigits(link.mbPerS),
    link.codec,
  ];
}

function throughput({ throughputFps, rateFps, window, elapsedMs }: RunReport): string {
  const fps = throughputFps === null ? 'not measured' : `${threeDigits(throughputFps)} frames/s`;
  const mode = rateFps === null ? `closed loop, window ${window}` : `${threeDigits(rateFps)} frames/s offered, window ${window}`;
  return `${fps}  (${mode}, ${duration(elapsedMs)})`;
}

function latency(values: Distribution | null): string {
  if (values === null) return 'not measured';
  const { p50, p90, p99, max } = values;
  return `p50 ${threeDigits(p50)}  p90 ${threeDigits(p90)}  p99 ${threeDigits(p99)}  max ${threeDigits(max)} ms`;
}

function frames({ frames: { sent, received, lost, duplicated, outOfOrder } }: RunReport): string {
  return `${sent} sent, ${received} received, ${lost} lost, ${duplicated} duplicated, ${outOfOrder} out of order`;
}

function verified({ verify }: RunReport): string {
  if (verify.compared === 0) return 'no (--verify off)';
  const { compared, maxAbsError, maxRelativeError, top1Agreement, passed } = verify;
  const error = maxAbsError === null ? 'not comparable' : `max error ${scientific(maxAbsError)}${relative(maxRelativeError)}`;
  return `${passed ? 'yes' : 'NO'}: ${counted(compared, 'frame')}, ${error}, top-1 same in ${percent(top1Agreement ?? 0)}`;
}

function relative(value: number | null): string {
  return value === null ? '' : ` (rel. ${scientific(value)})`;
}

function scientific(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function oneDevice({ oneDevice: reference, rateFps }: RunReport): string[] {
  if (reference === null) return ['not compared with one device (--verify off)'];
  const { speedup, device, frames: count, throughputFps, threads } = reference;
  const fps = throughputFps === null ? '' : `${threeDigits(throughputFps)} frames/s, `;
  const unknownSpeed = rateFps === null ? 'not measured' : 'not compared with one device: with --rate the source sets the pace';
  return [
    speedup === null ? unknownSpeed : `${threeDigits(speedup)} × one device`,
    `(whole model on ${device}: ${fps}${counted(threads, 'thread')}, ${counted(count, 'frame')})`,
  ];
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function parallel({ work, bytesBetween }: ParallelCosts): string {
  const twice = work > 1 ? ' (rows that two tiles need are computed twice)' : '';
  const moved = bytesBetween === null ? '' : `, ${bytes(bytesBetween)} a frame between devices`;
  return `${threeDigits(work)} × the work of the layers they replace${twice}${moved}`;
}
