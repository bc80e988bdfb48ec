import { existsSync } from 'node:fs';
import path from 'node:path';
import { dockerHost as dockerHostRow } from '../machinery/config/shared-rows.js';

export interface EngineSettings {
  readonly dataDir: string;
  readonly dockerHost: string;
}

/** The socket of the engine that `npm start` runs where there is none. */
const privateSocket = (dataDir: string): string => path.join(dataDir, 'docker/docker.sock');

/** The Docker engine a command works with: the one named, or the machine's; where that is not there, the one `npm start` began. */
export function engineHost(
  { dataDir, dockerHost }: EngineSettings,
  exists: (file: string) => boolean = existsSync,
): string {
  const own = privateSocket(dataDir);
  const isNamed = dockerHost !== dockerHostRow.default;
  return isNamed || exists(dockerHost.replace('unix://', '')) || !exists(own)
    ? dockerHost
    : `unix://${own}`;
}
