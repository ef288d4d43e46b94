/** A plan for a person. */
import type { PipelineReport, PlanReport } from '../plan/plan-report.ts';
import { bytes, percent, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';

const stageHead: readonly Column[] = [
  { title: 'STAGE', align: 'right' },
  { title: 'LAYERS', flexible: true },
  { title: 'DEVICE', flexible: true },
  { title: 'FRAMES', align: 'right' },
  { title: 'COMPUTE ms', align: 'right' },
  { title: 'BUSY', align: 'right' },
  { title: 'MEMORY', align: 'right' },
];
const linkHead: readonly Column[] = [
  { title: 'FROM', flexible: true },
  { title: 'TO', flexible: true },
  { title: 'FRAMES', align: 'right' },
  { title: 'PER FRAME', align: 'right' },
  { title: 'TIME ms', align: 'right' },
];
const codecHead: readonly Column[] = [...linkHead, { title: 'CODEC' }];
const compareHead = (objective: PlanReport['objective']): readonly Column[] => [
  { title: 'STRATEGY' },
  { title: 'FRAMES/S', align: 'right' },
  { title: 'LATENCY ms', align: 'right' },
  { title: 'ENERGY mJ', align: 'right' },
  { title: { throughput: 'TIME PER FRAME', latency: 'LATENCY', energy: 'ENERGY' }[objective], align: 'right' },
  { title: '', flexible: true },
];

/** Gains smaller than this are not worth a line. */
const GAIN_MIN = 1.005;
const CHANGES_MAX = 5;

export function planText(report: PlanReport, columns: number): string {
  const { model, objective, devices, plans, compared, whatIf, solveMs } = report;
  const [best, ...others] = plans;
  const lines = [
    `${model} on ${devices.length === 1 ? devices[0]! : `${devices.length} devices`}, for ${objective}: planned in ${threeDigits(solveMs)} ms`,
    '',
  ];
  if (best === undefined) return `${[...lines, 'no pipeline fits: the devices have too little memory'].join('\n')}\n`;
  lines.push(...pipeline(best, columns), '');
  // What the frames wait for; of a frame alone, or its energy, all parts are to blame.
  if (objective === 'throughput') lines.push(`limited by       ${best.limit}`);
  lines.push(`how good it is   ${quality(report)}`);
  const changes = whatIf.filter(({ gain }) => gain >= GAIN_MIN).slice(0, CHANGES_MAX);
  if (whatIf.length > 0)
    lines.push(
      `would help       ${changes.length === 0 ? 'nothing that was tried' : changes.map((each) => change(each, objective)).join(`\n${' '.repeat(17)}`)}`,
    );
  for (const [index, other] of others.entries()) lines.push('', `── ${index + 2} ──`, '', ...pipeline(other, columns));
  if (compared.length > 0) lines.push('', ...formatTable(compareHead(objective), compared.map(strategyRow), columns));
  return `${lines.join('\n')}\n`;
}

function pipeline({ throughputFps, latencyMs, energyMj, stages, links }: PipelineReport, columns: number): string[] {
  const rows = stages.flatMap(({ layers, devices }, index) =>
    devices.map(({ device, share, computeMs, busyShare, memoryBytes }, at) => [
      at === 0 ? String(index + 1) : '',
      at === 0 ? layers : '',
      device,
      percent(share),
      threeDigits(computeMs),
      percent(busyShare),
      bytes(memoryBytes),
    ]),
  );
  const isCoded = links.some(({ codec }) => codec !== 'none');
  const ways = links.map(({ from, to, share, wireBytes, ms, codec }) => [
    ...[from, to, percent(share), bytes(wireBytes), threeDigits(ms)],
    ...(isCoded ? [codec] : []),
  ]);
  return [
    `${threeDigits(throughputFps)} frames/s, latency ${threeDigits(latencyMs)} ms, ${threeDigits(energyMj)} mJ a frame`,
    '',
    ...formatTable(stageHead, rows, columns),
    ...(ways.length === 0 ? [] : ['', ...formatTable(isCoded ? codecHead : linkHead, ways, columns)]),
  ];
}

function quality({ bound, objective }: PlanReport): string {
  if (bound.optimal)
    return `optimal: no pipeline ${objective === 'throughput' ? 'with one stage per device has more frames per second' : `has less ${objective}`} at these prices`;
  return `not proven to be the best: another could be better by ${(bound.gap * 100).toFixed(1)} % at most`;
}

function change({ change: what, gain }: PlanReport['whatIf'][number], objective: PlanReport['objective']): string {
  if (objective === 'throughput') return `${what}: ${((gain - 1) * 100).toFixed(1)} % more frames/s`;
  return `${what}: ${((1 - 1 / gain) * 100).toFixed(1)} % less ${objective}`;
}

function strategyRow({ name, summary, fits, ratio, throughputFps, latencyMs, energyMj }: PlanReport['compared'][number]): string[] {
  if (ratio === null || throughputFps === undefined) return [name, '–', '–', '–', '–', summary];
  const value = fits ? `${ratio.toFixed(2)} ×` : 'no room';
  return [name, threeDigits(throughputFps), threeDigits(latencyMs!), threeDigits(energyMj!), value, summary];
}
