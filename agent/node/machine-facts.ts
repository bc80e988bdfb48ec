/** Reads what a Node reports about its machine, from /proc, /etc and the file system. */
import { readFileSync, statfsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import os from 'node:os';
import type { NodeFacts } from './node-status.js';

const firstOf = (files: readonly string[]): string => {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      // Not every machine has every file: the next one may do.
    }
  }
  return '';
};

const osImage = (): string =>
  /^PRETTY_NAME="?([^"\n]*)/m.exec(firstOf(['/etc/os-release', '/usr/lib/os-release']))?.[1] ??
  'Linux';

export type MachineFacts = Omit<
  NodeFacts,
  'nodeIp' | 'engineVersion' | 'agentVersion' | 'agentPort'
>;

/** Facts that stay the same while the machine runs. `dataDir` tells whose disk counts as the node's storage. */
export function readMachineFacts(dataDir: string): MachineFacts {
  const disk = statfsSync(dataDir);
  return {
    cpus: os.cpus().length,
    memoryBytes: os.totalmem(),
    storageBytes: disk.blocks * disk.bsize,
    kernelVersion: os.release(),
    osImage: osImage(),
    machineId: firstOf(['/etc/machine-id', '/var/lib/dbus/machine-id']),
    bootId: firstOf(['/proc/sys/kernel/random/boot_id']),
    systemUuid: firstOf(['/sys/class/dmi/id/product_uuid', '/etc/machine-id']),
    processor: process.arch,
  };
}

export interface MachineUsage {
  readonly availableMemoryBytes: number;
  readonly availableStorageBytes: number;
  readonly availablePids: number;
}

/** How much is left of what runs out. Memory counts what the kernel would give back. */
export async function readMachineUsage(dataDir: string): Promise<MachineUsage> {
  const [memory, pidMax, processes] = await Promise.all([
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    readdir('/proc'),
  ]);
  const availableKib = Number(/^MemAvailable:\s+(\d+)/m.exec(memory)?.[1] ?? 0);
  const disk = statfsSync(dataDir);
  return {
    availableMemoryBytes: availableKib * 1024,
    availableStorageBytes: disk.bavail * disk.bsize,
    availablePids: Number(pidMax) - processes.filter((name) => /^\d+$/.test(name)).length,
  };
}
