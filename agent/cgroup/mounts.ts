/**
 * Where this process's own groups are: the hierarchies mounted here (/proc/self/mountinfo) and its place in each (/proc/self/cgroup).
 */

/** Folders of this process's groups, absolute, and the roots they hang below. */
export interface CgroupPlaces {
  /** By controller: `cpu`, `cpuacct`, `memory`, …. Two controllers mounted together have the same folder. */
  readonly v1: ReadonlyMap<string, string>;
  readonly v2: { readonly mount: string; readonly own: string } | undefined;
}

export interface Mount {
  /** Which part of the hierarchy is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  /** A device, or whatever that kind of file system calls itself. */
  readonly source: string;
  readonly options: readonly string[];
}

export function findCgroupPlaces(mountinfo: string, selfCgroup: string): CgroupPlaces {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const v1 = new Map<string, string>();
  let v2: CgroupPlaces['v2'];
  for (const line of selfCgroup.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === '') {
      const mount = mounts.find(({ type }) => type === 'cgroup2');
      if (mount !== undefined) v2 = { mount: mount.point, own: below(mount, path) };
      continue;
    }
    for (const controller of controllers.split(',')) {
      const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
      if (mount !== undefined) v1.set(controller, below(mount, path));
    }
  }
  return { v1, v2 };
}

/** One line: id, parent, device, root, mount point, options, optional fields, `-`, type, source, super options. */
export function parseMount(line: string): Mount[] {
  const [left, right] = line.split(' - ');
  const [, , , root, point] = left?.split(' ') ?? [];
  const [type, source, options] = right?.split(' ') ?? [];
  if (root === undefined || point === undefined || type === undefined || source === undefined) return [];
  return [{ root: unescapePath(root), point: unescapePath(point), type, source: unescapePath(source), options: options?.split(',') ?? [] }];
}

/** The kernel writes blanks and backslashes in paths as octal. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** In a container only a part of the hierarchy may be mounted; the process's path still starts at its top. */
function below(mount: Mount, path: string): string {
  const inside = mount.root !== '/' && (path === mount.root || path.startsWith(`${mount.root}/`)) ? path.slice(mount.root.length) : path;
  return inside === '/' || inside === '' ? mount.point : `${mount.point}${inside}`;
}
