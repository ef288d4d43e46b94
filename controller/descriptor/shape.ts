/**
 * The shape of a descriptor: sections, keys, types, defaults, and what each is for. The validator, its types and the JSON schema for editors
 * (docs/schema/descriptor.schema.json) are all made of this. What can't be said of one key alone is in rules.ts; what `${name}` stands for is put in before.
 */
import { z } from 'zod';
import { checkEnvironmentName, checkProbeUrl, DEADLINE_MS_MAX } from '../../mesh/bench/order.ts';
import { LABEL_MAX, METRIC_NAME, METRIC_UNIT_MAX } from '../../mesh/emit.ts';
import { checkTimezone } from './cron.ts';
import { checkHttpUrl, command, ELEMENTS_MAX, fits, number, parsePercent, positive, size, text, whole, word } from './fields.ts';
import { parsePattern } from './metric-pattern.ts';
import { checkRelative, locationOf } from './source-location.ts';
import { axisShape, sweepName } from './sweep-shape.ts';

export const strategies = ['single_node', 'inference', 'distributed', 'mesh'] as const;
export type Strategy = (typeof strategies)[number];

/** Names of architectures, as devices tell them and as people write them. */
export const architectures = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  amd64: 'x64',
  x86_64: 'x64',
  aarch64: 'arm64',
  armv7l: 'arm',
} as const;
type ArchitectureName = keyof typeof architectures;

export const SINGLE_RUN = 'single_run';
/** Of `distributed`, when nobody says. */
export const TAKE_PART = 2;

export const TASK_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const taskNameWords = 'a name of letters, digits, ".", "_" and "-" that begins with a letter or digit';

const COUNT_MAX = 2 ** 32 - 1;
const REPEAT_MAX = 100;
const CONFIRM_MAX = 100;

const metricName = () => z.string().regex(METRIC_NAME, 'a name of letters, digits, _ . - / (at most 128)');
const digest = (digits: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`), `${digits} hexadecimal digits`);

const info = z.strictObject({
  description: text().describe('What is measured, for a person.'),
  task_name: z
    .string()
    .regex(TASK_NAME, taskNameWords)
    .optional()
    .describe("Under which its runs are found. Default: the file's name without .toml."),
  labels: z.record(metricName(), z.string().max(LABEL_MAX)).default({}).describe('Whatever runs are to be told apart by.'),
  scheduling: text()
    .default(SINGLE_RUN)
    .describe(
      'When it runs by itself: "single_run" (not at all), five fields of cron such as "0 3 * * mon-fri", or @hourly, @daily, @weekly, @monthly, @yearly.',
    ),
  timezone: fits(text(), checkTimezone)
    .optional()
    .describe('In which hours and days of the schedule are meant: a name of the IANA, Europe/Berlin. Default: UTC.'),
});

const limits = z.strictObject({
  memory: size().optional().describe('Memory with page cache, at which it is killed: "256MiB".'),
  memory_high: size().optional().describe('Memory above which it is slowed down (cgroup v2).'),
  swap: size(0).optional().describe('How much of it may be swapped out beyond memory. Default: 0.'),
  cpu: positive().optional().describe('CPU time per time, in cores: 0.5 is half a core.'),
  cpus: z
    .string()
    .regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'a list of CPUs such as "0-1,3"')
    .optional()
    .describe('On these CPUs only: "0-1,3".'),
  pids: whole(1, COUNT_MAX).optional().describe('Processes and threads at once.'),
});

const hardware = z.strictObject({
  strategy: z
    .enum(strategies)
    .default('single_node')
    .describe(
      'single_node: a model or a program on one device. inference: a model under a load, or a client and its server. distributed: a program on several devices at once. mesh: a pipeline of devices, as controller run makes it.',
    ),
  name: z
    .string()
    .regex(/^[A-Za-z0-9_*?-]{1,64}$/, 'a name of a device, in which * and ? stand for others')
    .optional()
    .describe("The device's name; * stands for any characters, ? for one. Default: any."),
  arch: z
    .enum(Object.keys(architectures) as [ArchitectureName, ...ArchitectureName[]])
    .optional()
    .describe("The device's architecture. Default: any."),
  memory: size().optional().describe('At least so much memory has the device: "1GiB".'),
  count: whole(1, ELEMENTS_MAX)
    .optional()
    .describe(`Devices. distributed: how many take part (default ${TAKE_PART}); mesh: at least so many; otherwise 1.`),
  limits: limits
    .prefault({})
    .describe('Under which each process runs, enforced by a control group of its own. Default: those of the device.'),
});

const env = z.strictObject({
  vars: z
    .record(fits(z.string(), checkVariable), word())
    .default({})
    .describe("A program's environment, besides PATH, LANG, HOME and TMPDIR."),
});

const ml = z.strictObject({
  workload: z
    .union([text(), command()], { error: 'a model in quotes, or a program as an array of texts' })
    .describe(
      'A model: a name (resnet18) or the path of an .onnx file; with strategy mesh also MODEL@CUT. Or a program: an array of texts.',
    ),
  args: z
    .array(word())
    .max(ELEMENTS_MAX)
    .default([])
    .describe('More arguments of a program; of a model, options of controller bench run (with strategy mesh, of controller run).'),
  repeat: whole(1, REPEAT_MAX).default(1).describe('Runs of it, each with a record of its own.'),
  timeout: positive()
    .max(Math.floor(DEADLINE_MS_MAX / 1000))
    .optional()
    .describe('Seconds after which a run is killed.'),
});

const source = z.strictObject({
  src: fits(text(), locationOf).describe('A file beside the descriptor, an absolute path, or a file:, http: or https: URL.'),
  path: fits(text(), checkRelative)
    .optional()
    .describe('Where the program finds it, in its working folder. Default: the last part of src.'),
  sha256: digest(64).optional().describe('What its SHA-256 must be.'),
  md5: digest(32).optional().describe('What its MD5 must be.'),
});

const metric = z.strictObject({
  name: metricName().describe('What it is called in records.'),
  units: z.string().max(METRIC_UNIT_MAX).default('').describe('"ms", "1/s", "MiB"; "1" for what has none.'),
  pattern: fits(text(), parsePattern)
    .optional()
    .describe(
      'A JavaScript regular expression for lines of output, with one group, or one named value: the number. Absent: the program emits the metric itself.',
    ),
  better: z.enum(['lower', 'higher']).default('lower').describe('Which values are the better ones.'),
});

const probe = z
  .strictObject({
    http: fits(text(), checkProbeUrl)
      .optional()
      .describe("It is ready when this address of the device's own answers with a status below 400."),
    tcp: whole(1, 65_535).optional().describe('It is ready when this port of its own device takes connections.'),
    command: command().optional().describe('It is ready when this program ends with exit code 0.'),
  })
  .meta({ minProperties: 1, maxProperties: 1 });

const server = z.strictObject({
  start: command().describe('The program that is started first, and its arguments.'),
  probe: probe.describe('How it is known that the server is ready: one of http, tcp, command.'),
  timeout: positive()
    .max(Math.floor(DEADLINE_MS_MAX / 1000))
    .default(30)
    .describe('Seconds within which it must be ready.'),
});

const rule = z.strictObject({
  metric: metricName().describe('Of which metric.'),
  above: number().optional().describe('An alarm when it is more than this.'),
  below: number().optional().describe('An alarm when it is less than this.'),
  k_sigma: positive().optional().describe('An alarm when it is more than so many standard deviations from what it was.'),
  relative_change: z
    .union([positive(), fits(text(), parsePercent)], { error: 'a part such as 0.05, or a percentage such as "5%"' })
    .optional()
    .describe('An alarm when it changed by more than this part: 0.05 or "5%".'),
  direction: z
    .enum(['up', 'down', 'both'])
    .optional()
    .describe('Which changes count, for k_sigma and relative_change. Default: those for the worse.'),
});

const alerts = z.strictObject({
  change_points: z.boolean().default(true).describe('Whether the course of all metrics is watched for changes.'),
  confirm: whole(0, CONFIRM_MAX).default(3).describe('Runs of old and new in turns before an alarm is raised; 0: none.'),
  command: command().optional().describe('A program that gets the alarm as JSON on its standard input.'),
  webhook: fits(text(), checkHttpUrl).optional().describe('An address that gets it by POST.'),
  rules: z.array(rule).max(ELEMENTS_MAX).default([]).describe('Bounds of single metrics.'),
});

export const sweepShape = z.record(sweepName(), axisShape).default({});

export const shape = z.strictObject({
  info: info.describe('What it is, and when it runs.'),
  hardware: hardware.prefault({}).describe('Which devices, and under which limits.'),
  env: env.prefault({}).describe('The environment.'),
  ml: ml.describe('What runs.'),
  data: z
    .strictObject({ sources: z.array(source).max(ELEMENTS_MAX).default([]).describe('Files that a program finds in its working folder.') })
    .prefault({})
    .describe('What it needs.'),
  output: z
    .strictObject({ metrics: z.array(metric).max(ELEMENTS_MAX).default([]).describe('Numbers of a program that are kept.') })
    .prefault({})
    .describe('What comes of it.'),
  server: server.optional().describe('With strategy inference and a program: the server whose client the program is.'),
  alerts: alerts.prefault({}).describe('When somebody is to be told.'),
  sweep: sweepShape.describe(
    `Names for values that change. \${name} in any text of the other sections (of info only in labels) stands for one; every combination is run.`,
  ),
});

export type Shape = z.output<typeof shape>;
/** As it is written. */
export type Written = z.input<typeof shape>;

function checkVariable(name: string): void {
  checkEnvironmentName(name);
}
