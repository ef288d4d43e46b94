/** What must be true of several keys together. Each rule is a function of what is given to what is wrong, at the key that would have to change. */
import { MeshError } from '../../mesh/error.ts';
import { suggest } from '../../mesh/suggest.ts';
import { parseSplit } from '../../partition/split-spec.ts';
import { findZooModel, zoo } from '../../partition/zoo/catalogue.ts';
import { parseSchedule } from './cron.ts';
import { bytesOf } from './fields.ts';
import type { Given } from './given.ts';
import { listRules } from './list-rules.ts';
import type { Path, Problem } from './problems.ts';
import { SINGLE_RUN } from './shape.ts';

export type Rule = (given: Given) => readonly Problem[];

const names = zoo.map(({ name }) => name);
const aliases = zoo.flatMap((model) => model.aliases);

const probes = ['http', 'tcp', 'command'];

const at = (path: Path, what: string): Problem[] => [{ path, what }];

const scheduleRule: Rule = ({ written: { info }, isBroken }) => {
  if (isBroken('info', 'scheduling')) return [];
  const scheduling = info?.scheduling ?? SINGLE_RUN;
  if (scheduling === SINGLE_RUN)
    return info?.timezone === undefined ? [] : at(['info', 'timezone'], `it says nothing with scheduling "${SINGLE_RUN}"`);
  if (!/^@|\s/.test(scheduling.trim()))
    return at(
      ['info', 'scheduling'],
      `"${scheduling.slice(0, 80)}" is no schedule: expected "${SINGLE_RUN}", five fields of cron such as "0 3 * * mon-fri", or @daily`,
    );
  return said(['info', 'scheduling'], () => parseSchedule(scheduling, info?.timezone ?? 'UTC'));
};

const countRule: Rule = ({ written: { hardware }, strategy }) => {
  const count = hardware?.count;
  if (count === undefined || strategy === undefined || strategy === 'mesh') return [];
  if (strategy !== 'distributed')
    return count === 1
      ? []
      : at(['hardware', 'count'], `strategy ${strategy} is on one device, found ${count}; several are for distributed and mesh`);
  return count >= 2 ? [] : at(['hardware', 'count'], `strategy distributed wants at least 2 devices, found ${count}`);
};

const limitsRule: Rule = ({ written: { hardware }, strategy, isBroken }) => {
  const limits = hardware?.limits ?? {};
  if (strategy === 'mesh' && Object.keys(limits).length > 0)
    return at(
      ['hardware', 'limits'],
      "a mesh's stages have the limits of their agents (agent --memory, --cpu-quota): none can be given here",
    );
  const { memory, memory_high, swap } = limits;
  if (swap !== undefined && memory === undefined && !isBroken('hardware', 'limits', 'memory'))
    return at(['hardware', 'limits', 'swap'], 'it says how much there is beyond memory, which is missing');
  if (memory !== undefined && memory_high !== undefined && bytesOf(memory_high) > bytesOf(memory))
    return at(['hardware', 'limits', 'memory_high'], 'it is more than memory: nothing would ever be slowed down');
  return [];
};

const workloadRule: Rule = ({ written: { server }, strategy, workload, isBroken }) => {
  const path = ['ml', 'workload'];
  if (strategy === 'mesh' && workload === 'program') return at(path, 'strategy mesh runs a model, not a program');
  if (strategy === 'distributed' && workload === 'model')
    return at(path, 'strategy distributed runs a program on several devices; one model on several is strategy mesh');
  if (strategy === 'inference' && workload === 'program' && server === undefined && !isBroken('server'))
    return at(path, 'with strategy inference a program is the client of a server: add [server], or use strategy single_node');
  return [];
};

const serverRule: Rule = ({ written: { server }, strategy, workload, isBroken }) => {
  if (server === undefined && !isBroken('server')) return [];
  if (workload === 'model') return at(['server'], 'a server is for a program as its client; the workload is a model');
  if (strategy !== undefined && strategy !== 'inference') return at(['server'], `a server is for strategy inference, not ${strategy}`);
  return [];
};

const probeRule: Rule = ({ written: { server }, isBroken, hasUnknownKey }) => {
  if (server?.probe === undefined || hasUnknownKey('server', 'probe')) return [];
  if (probes.some((kind) => isBroken('server', 'probe', kind))) return [];
  const kinds = Object.keys(server.probe);
  return kinds.length === 1 ? [] : at(['server', 'probe'], `expected one of ${probes.join(', ')}, found ${kinds.join(' and ') || 'none'}`);
};

const modelRule: Rule = ({ written: { ml }, strategy, workload }) => {
  const path = ['ml', 'workload'];
  if (workload !== 'model') return [];
  const text = ml!.workload as string;
  try {
    const { model, cuts } = parseSplit(text, isModel);
    if (!isModel(model)) {
      const meant = suggest(model, names) ?? suggest(model, aliases);
      return at(
        path,
        `there is no model ${JSON.stringify(model.slice(0, 80))}${meant === undefined ? '' : `; did you mean ${meant}?`}; a file's name ends in .onnx, and a program is an array of texts`,
      );
    }
    if (cuts.length > 0 && strategy !== undefined && strategy !== 'mesh')
      return at(path, `a cut (@${cuts.join(',').slice(0, 40)}) is for strategy mesh`);
  } catch (error) {
    return at(
      path,
      `a cut is missing in ${JSON.stringify(text.slice(0, 80))}: expected for example resnet@layer4,layer12 (${MeshError.from(error).code})`,
    );
  }
  return [];
};

/** What would be ignored, because no program is there to see it. */
const programOnlyRule: Rule = ({ written: { env, data }, workload }) => {
  if (workload !== 'model') return [];
  return [
    ...(Object.keys(env?.vars ?? {}).length > 0 ? at(['env', 'vars'], 'variables are for programs; the workload is a model') : []),
    ...((data?.sources?.length ?? 0) > 0 ? at(['data', 'sources'], 'files are for programs; a model comes by its name or its path') : []),
  ];
};

const rules: readonly Rule[] = [
  ...[scheduleRule, countRule, limitsRule, workloadRule, serverRule, probeRule, modelRule, programOnlyRule],
  ...listRules,
];

export function ruleProblems(given: Given): Problem[] {
  return rules.flatMap((rule) => rule(given));
}

function isModel(name: string): boolean {
  return name.endsWith('.onnx') || findZooModel(name) !== undefined;
}

function said(path: Path, parse: () => unknown): Problem[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    return at(path, error.message);
  }
}
