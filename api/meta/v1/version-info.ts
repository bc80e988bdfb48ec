import { definition, string } from '../../schema/schema.js';

/** What `/version` answers. */
export const versionInfo = definition(
  'io.k8s.apimachinery.pkg.version.Info',
  'Which release the server is, and which API it serves.',
  {
    buildDate: string(undefined, 'When the server was built.', { required: true }),
    compiler: string(undefined, 'What runs the server.', { required: true }),
    emulationMajor: string(undefined, 'The major version that the server behaves as.'),
    emulationMinor: string(undefined, 'The minor version that the server behaves as.'),
    gitCommit: string(undefined, 'The commit the server was built from.', { required: true }),
    gitTreeState: string(undefined, 'Whether there were changes beside it.', { required: true }),
    gitVersion: string(undefined, 'The version of the API and of the server.', { required: true }),
    goVersion: string(undefined, 'The version of Go; none here.', { required: true }),
    major: string(undefined, 'The major version of the API.', { required: true }),
    minCompatibilityMajor: string(undefined, 'The oldest major version clients may expect.'),
    minCompatibilityMinor: string(undefined, 'The oldest minor version clients may expect.'),
    minor: string(undefined, 'The minor version of the API.', { required: true }),
    platform: string(undefined, 'Operating system and architecture.', { required: true }),
  },
);
