/** Entry of the executables in `bin/cni`: the plugin's type is the name the file was called by. */
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { processSources } from '../machinery/config/config.js';
import { systemExec } from '../machinery/exec/exec.js';
import { isBuiltin, PluginCatalog } from './catalog.js';
import { runExecutable } from './executable.js';

const type = path.basename(process.argv[1] ?? '');
if (!isBuiltin(type)) throw new Error(`${type} is not a plugin`);
const { env } = processSources([]);
const input = env.CNI_COMMAND === 'VERSION' ? '' : await text(process.stdin);
const folders = (env.CNI_PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
const outcome = await runExecutable(new PluginCatalog(systemExec, folders), type, { env, input });
process.stdout.write(outcome.output);
process.exitCode = outcome.exitCode;
