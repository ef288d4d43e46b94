/**
 * The commands there are. The code of one is loaded when it is called: most need little of what the others do, and a slow device loads modules for
 * seconds.
 */
import type { Command, CommandGroup } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** It computes without a pause and leaves nothing behind: Ctrl-C ends it at once, as it ends any program. */
  readonly computesOnly?: true;
  /** Other programs of ours start it; the list of commands leaves it out. */
  readonly hidden?: true;
  readonly load: () => Promise<Command | CommandGroup>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'cuts a model, streams frames through its stages, measures',
    load: async () => (await import('./run.ts')).runCommand,
  },
  { name: 'layers', summary: 'lists where a model can be cut', load: async () => (await import('./layers.ts')).layersCommand },
  { name: 'split', summary: 'writes the stages of a cut model as ONNX files', load: async () => (await import('./split.ts')).splitCommand },
  {
    name: 'plan',
    summary: 'plans which layers run where, and foretells the result',
    load: async () => (await import('./plan.ts')).planCommand,
  },
  {
    name: 'schedule',
    summary: 'schedules a graph of tasks on processors',
    computesOnly: true,
    load: async () => (await import('./schedule.ts')).scheduleCommand,
  },
  {
    name: 'bench',
    summary: 'measures models and programs under limits of memory and CPU',
    load: async () => (await import('./bench.ts')).benchCommands,
  },
  {
    name: 'serve',
    summary: 'stays, and runs benchmarks when their schedules say so',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'profile',
    summary: 'measures devices so that times can be predicted',
    load: async () => (await import('./profile.ts')).profileCommands,
  },
  {
    name: 'place',
    summary: 'runs a model on the device where it is predicted to be fastest',
    load: async () => (await import('./place.ts')).placeCommand,
  },
  { name: 'devices', summary: 'lists the devices of a mesh', load: async () => (await import('./devices.ts')).devicesCommand },
  { name: 'drain', summary: 'moves the stages of runs away from a device', load: async () => (await import('./drain.ts')).drainCommand },
  { name: 'status', summary: 'lists the detached runs of a mesh', load: async () => (await import('./status.ts')).statusCommand },
  {
    name: 'attach',
    summary: 'watches a detached run; takes it over when its process is dead',
    load: async () => (await import('./attach.ts')).attachCommand,
  },
  { name: 'stop', summary: 'ends a detached run in order', load: async () => (await import('./stop.ts')).stopCommand },
  {
    name: 'outputs',
    summary: 'writes the outputs of a detached run to a file',
    load: async () => (await import('./outputs.ts')).outputsCommand,
  },
  { name: 'runs', summary: 'lists what was run', load: async () => (await import('./runs.ts')).runsCommand },
  { name: 'show', summary: 'shows a run again, or its frames', load: async () => (await import('./show.ts')).showCommand },
  {
    name: 'report',
    summary: 'writes a page with plots of runs, of their history, or of sweeps; or tables and JSON',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  { name: 'push', summary: 'copies files to a device', load: async () => (await import('./push.ts')).pushCommand },
  { name: 'pull', summary: 'copies a file of a device to this machine', load: async () => (await import('./pull.ts')).pullCommand },
  { name: 'ls', summary: 'lists the files of a device', load: async () => (await import('./ls.ts')).lsCommand },
  {
    name: 'hosted',
    summary: 'the process of a detached run; agents start it',
    hidden: true,
    load: async () => (await import('./hosted.ts')).hostedCommand,
  },
];
