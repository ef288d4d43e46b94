/**
 * A run's report as a person reads it, in 80 columns.
 */

import type { StageForecastReport } from '../profile/stage-forecast.ts';
import type { ParallelCosts } from '../run/split-by-cuts.ts';
import type { Distribution } from '../run/statistics.ts';
import { bytes, duration, milliseconds, percent, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import { changesText, failedText } from './changes-report.ts';
import { codecsText } from './codecs-text.ts';
import { type Foretold, type RunReport, replicasOf, type VerifyReport } from './run-report.ts';
import type { LinkReport, StageReport } from './stage-and-link-report.ts';

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

/** Only of use where stages take turns. */
const framesHead: Column = { title: 'FRAMES', align: 'right' };
const FRAMES_COLUMN = 3;

const linkHead: readonly Column[] = [
  { title: 'LINK', flexible: true },
  { title: 'BYTES/FRAME', align: 'right' },
  { title: 'ON WIRE', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'MB/S', align: 'right' },
  { title: 'CODEC' },
];

/** Of kernels that differ; the JSON report has all. */
const KERNELS_SHOWN = 2;

/** Lines joined by line breaks, with one at the end. */
export function runText(report: RunReport, columns: number): string {
  const width = Math.min(columns, 100);
  const inTurns = report.plan.routes.some(({ turns }) => turns !== undefined);
  const stageRows = report.stages.map((stage) => {
    const cells = stageRow(stage, report);
    return inTurns ? cells.toSpliced(FRAMES_COLUMN, 0, stage.frames === null ? '–' : String(stage.frames)) : cells;
  });
  const lines = [
    `${report.model}  ${stagesPhrase(report)}  run ${report.run}`,
    '',
    ...formatTable(inTurns ? stageHead.toSpliced(FRAMES_COLUMN, 0, framesHead) : stageHead, stageRows, width),
    '',
    ...formatTable(linkHead, report.links.map(linkRow), width),
    ...(report.codecs === undefined ? [] : codecsText(report.codecs, width)),
    '',
    `throughput   ${throughput(report)}`,
    `latency      ${latency(report.latencyMs)}`,
    ...(report.frames.drop === undefined ? [] : [`offered      ${dropped(report)}`]),
    `frames       ${frames(report)}`,
    ...hanging('given up', failedText(report.failedFrames ?? []), width),
    ...hanging('changes', changesText(report.changes ?? []), Number.POSITIVE_INFINITY),
    ...hanging('verified', verified(report), width),
    ...hanging('speed', oneDevice(report), width),
    ...(report.foretold === undefined ? [] : hanging('foretold', foretold(report, report.foretold), width)),
    ...hanging('stages', (report.forecast ?? []).flatMap(forecastText), width),
    ...(report.parallel === undefined ? [] : hanging('in parallel', parallel(report.parallel), width)),
    '',
    `Times are medians in ms${sampled(report)}; TIME is from offered to received, waiting included.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Lines under a title on the left; what does not fit is cut. */
function hanging(title: string, lines: readonly string[], width: number): string[] {
  return lines.map((line, index) => {
    const whole = [...`${(index === 0 ? title : '').padEnd(13)}${line}`];
    return whole.length <= width ? whole.join('') : `${whole.slice(0, width - 1).join('')}…`;
  });
}

function stagesPhrase({ plan }: RunReport): string {
  const devices = new Set(plan.stages.map((stage) => stage.device)).size;
  const replicas = replicasOf(plan);
  const several = [...replicas].filter(([, count]) => count > 1).map(([stage, count]) => `${stage} × ${count}`);
  const phrase = `${counted(replicas.size, 'stage')} on ${counted(devices, 'device')}`;
  return several.length === 0 ? phrase : `${phrase} (${several.join(', ')})`;
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

/** Of long runs: from how many frames ranks come. */
function sampled({ latencyMs }: RunReport): string {
  return latencyMs?.sample === undefined ? '' : ` of ${latencyMs.sample} frames, by chance`;
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

function dropped({ frames: { offered, dropped: count, sent, drop } }: RunReport): string {
  return `${offered} offered, ${sent} sent, ${count} dropped (${drop!.policy}, ${threeDigits(drop!.deadlineMs)} ms)`;
}

function verified({ verify, parallel: parts, oneDevice, frames: { drop } }: RunReport): string[] {
  if (verify.compared === 0 && drop !== undefined && oneDevice !== null) return ['no: the frames to be compared were all dropped'];
  if (verify.compared === 0) return ['no (--verify off)'];
  const { compared, maxUlp, top1Agreement, lossy, passed, kernels } = verify;
  const frames = counted(compared, 'frame');
  if (maxUlp === 0) return [`yes: ${frames}, bit for bit the whole model's${kernels === null ? '' : sameKernels(kernels)}`];
  if (lossy) return [`${passed ? 'with loss' : 'NO'}: ${frames}, ${errorPhrase(verify)}, top-1 same in ${percent(top1Agreement ?? 0)}`];
  const answer = `${passed ? 'yes' : 'NO'}: ${frames}, ${errorPhrase(verify)}, top-1 same in ${percent(top1Agreement ?? 0)}`;
  return [answer, ...why(kernels, parts !== undefined)];
}

function errorPhrase({ maxAbsError, maxRelativeError, maxUlp }: VerifyReport): string {
  if (maxAbsError === null) return 'not comparable';
  const details = [
    ...(maxRelativeError === null ? [] : [`rel. ${scientific(maxRelativeError)}`]),
    ...(maxUlp === null ? [] : [counted(maxUlp, 'ulp', 'ulp')]),
  ];
  return `max error ${scientific(maxAbsError)}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

function sameKernels({ onlyWhole, onlySplit }: NonNullable<VerifyReport['kernels']>): string {
  return onlyWhole.length + onlySplit.length === 0 ? ' (the same kernels ran)' : '';
}

/** Why the last bits may differ. */
function why(kernels: VerifyReport['kernels'], inParts: boolean): string[] {
  if (kernels === null) return ['which kernels ran is not known'];
  const { onlyWhole, onlySplit } = kernels;
  if (onlyWhole.length + onlySplit.length === 0) return ['the same kernels ran, though on other devices or with another number of threads'];
  const reason = inParts
    ? 'because parts are computed by other kernels than the whole'
    : 'because the runtime fuses a stage otherwise than the whole';
  return [`${reason}:`, ...listed('whole', onlyWhole), ...listed('split', onlySplit)];
}

function listed(side: string, kernels: readonly string[]): string[] {
  const more = kernels.length - KERNELS_SHOWN;
  const shown = kernels.slice(0, KERNELS_SHOWN).map((kernel) => `  ${side}  ${kernel}`);
  return more > 0 ? [...shown, `  ${side}  and ${counted(more, 'other')}`] : shown;
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

function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

function parallel({ work, bytesBetween, shares }: ParallelCosts): string[] {
  const twice = work > 1 ? ' (borders are computed twice)' : '';
  return [
    `${threeDigits(work)} × the work of the layers they replace${twice}`,
    ...(bytesBetween === null ? [] : [`${bytes(bytesBetween)} a frame between devices`]),
    ...(shares === undefined ? [] : [`shares by measured speed: ${shares.map(percent).join(', ')}`]),
  ];
}

/** `stage1 on pi1: told 12.3 (11.0 to 13.9), took 12.9 (+4.9 %); now told 12.8`. */
/** Of the logarithm: a processor that is less than this from its usual speed is as fast as usual. */
const UNUSUAL = 0.03;

/** Two lines: one would not fit. */
function forecastText(forecast: StageForecastReport): string[] {
  const { stage, device, toldMs, interval, firstMs, firstUsualMs, lastMs, learnedMs, changes } = forecast;
  const within = interval === null ? '' : ` (${threeDigits(interval.low)} to ${threeDigits(interval.high)})`;
  const changed = changes === 0 ? '' : `at the end ${threeDigits(lastMs)}, its speed changed; `;
  const now = `now told ${threeDigits(learnedMs)} (${apartText(lastMs / learnedMs)})`;
  const took = `took ${threeDigits(firstMs)} (${apartText(firstMs / toldMs)})`;
  const usual =
    firstUsualMs === null || Math.abs(Math.log(firstUsualMs / firstMs)) < UNUSUAL
      ? ''
      : `${threeDigits(firstUsualMs)} at its usual speed (${apartText(firstUsualMs / toldMs)}); `;
  return [`${stage} on ${device}: told ${threeDigits(toldMs)}${within}, ${took}`, `  ${usual}${changed}${now}`];
}

/** `+4.9 %`. */
function apartText(ratio: number): string {
  const apart = (ratio - 1) * 100;
  return `${apart < 0 ? '−' : '+'}${Math.abs(apart).toFixed(1)} %`;
}

function foretold(
  { throughputFps, latencyMs }: RunReport,
  { throughputFps: fps, latencyMs: ms, objective, limit, gap, trials }: Foretold,
): string[] {
  const [told, measured, unit] = objective === 'throughput' ? [fps, throughputFps, 'frames/s'] : [ms, latencyMs?.p50 ?? null, 'ms'];
  const found = measured === null ? 'not measured' : `measured ${threeDigits(measured!)} (${apartText(measured! / told)})`;
  const tried = trials === 0 ? 'all measured before' : `${trials} ${trials === 1 ? 'plan' : 'plans'} tried`;
  const best = gap === 0 ? 'no plan is better' : `no plan is more than ${(gap * 100).toFixed(1)} % better`;
  return [`${threeDigits(told)} ${unit}; ${found}`, `by measured times (${tried}) ${best}; limited by`, limit];
}
