/**
 * Facts about the machine that do not change while the agent runs. What the machine does not expose is absent, never invented.
 */
import { readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

export interface Hardware {
  readonly arch: string;
  readonly os: string;
  readonly cores: number;
  readonly cpuModel?: string;
  readonly memoryBytes: number;
  /** Size of the file system that holds the data folder. */
  readonly diskBytes: number;
  /** A hypervisor is beneath it. */
  readonly virtualMachine: boolean;
}

/** `root` is `/`, or a folder that stands for it in a test. */
export function readHardware(root: string, dataFolder: string): Hardware {
  const cpuModel = readCpuModel(root);
  const { blocks, bsize } = statfsSync(dataFolder);
  return {
    arch: process.arch,
    os: readOsName(root),
    cores: os.availableParallelism(),
    ...(cpuModel === undefined ? {} : { cpuModel }),
    memoryBytes: os.totalmem(),
    diskBytes: blocks * bsize,
    virtualMachine: isVirtualMachine(root),
  };
}

/** The text of a file of the system, without blanks and NULs around it, or undefined when it is not there or not for us. */
export function readSystemFile(root: string, path: string): string | undefined {
  try {
    const text = readFileSync(join(root, path), 'utf8').replaceAll('\0', '').trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

/** A number from a file of the system, or undefined. */
export function readSystemNumber(root: string, path: string): number | undefined {
  const text = readSystemFile(root, path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** Bytes of a page of memory: 4096 on most machines, 16384 on some. From what the kernel tells every process (getauxval(3), AT_PAGESZ). */
export function readPageBytes(root: string): number {
  const auxv = readFileSync(join(root, '/proc/self/auxv'));
  for (let at = 0; at + 16 <= auxv.length; at += 16)
    if (auxv.readBigUInt64LE(at) === AT_PAGESZ) return Number(auxv.readBigUInt64LE(at + 8));
  return PAGE_BYTES_USUAL;
}

const AT_PAGESZ = 6n;
const PAGE_BYTES_USUAL = 4096;

function readOsName(root: string): string {
  const release = readSystemFile(root, '/etc/os-release') ?? readSystemFile(root, '/usr/lib/os-release') ?? '';
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release)?.[1] ?? `${os.type()} ${os.release()}`;
}

/** Words of DMI and device trees by which machines of hypervisors are known (systemd's detect-virt looks for the same). */
const hypervisorWords =
  /qemu|kvm|vmware|virtualbox|innotek|xen\b|bochs|parallels|bhyve|hyper-v|virtual machine|amazon ec2|google compute engine|openstack|dummy-virt/i;

/** x86 has a bit for it (CPUID leaf 1, ECX 31); elsewhere the firmware's names for the machine tell. */
function isVirtualMachine(root: string): boolean {
  if (/^flags\s*:.*\bhypervisor\b/m.test(readSystemFile(root, '/proc/cpuinfo') ?? '')) return true;
  if (readSystemFile(root, '/proc/device-tree/hypervisor/compatible') !== undefined) return true;
  const names = ['/sys/class/dmi/id/sys_vendor', '/sys/class/dmi/id/product_name', '/sys/hypervisor/type', '/proc/device-tree/compatible'];
  return names.some((path) => hypervisorWords.test(readSystemFile(root, path) ?? ''));
}

/** ARM boards have no model name per core, but they say which board they are. */
function readCpuModel(root: string): string | undefined {
  const cpuinfo = readSystemFile(root, '/proc/cpuinfo') ?? '';
  const named = /^model name\s*: (.+)$/m.exec(cpuinfo)?.[1];
  const board = readSystemFile(root, '/proc/device-tree/model') ?? /^Model\s*: (.+)$/m.exec(cpuinfo)?.[1];
  return (named ?? board)?.replace(/\s+/g, ' ').trim();
}
