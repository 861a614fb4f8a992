/** `hearsay import`: checks a folder of initial data and builds its state, before anything runs. */

import { resolve } from 'node:path';
import { prepareInitialState } from '../node/initial-state.js';
import { serviceByName } from '../service/registry.js';
import type { ImportCommand } from './command.js';
import { progressShower } from './progress.js';
import type { Surroundings } from './surroundings.js';

export async function runImport(
  { folder, data, service }: ImportCommand,
  { stdout, stderr }: Surroundings,
): Promise<number> {
  const { stateHash, database } = await prepareInitialState({
    service: serviceByName(service),
    data: resolve(data),
    importFrom: folder,
    onProgress: progressShower(folder, stderr),
  });
  stdout.write(
    `${data} begins with state ${stateHash} (${database.length} bytes) from ${folder}\n`,
  );
  return 0;
}
