/** The query parameters of the API, each described once. */

export interface Parameter {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
}

/** The parameters by name. */
export const queryParameters = {
  allowWatchBookmarks: {
    type: 'boolean',
    description:
      'Asks for BOOKMARK events, which carry nothing but a resource version to resume from.',
  },
  command: {
    type: 'string',
    description: 'The command to run, an argument a parameter; no shell is involved.',
  },
  container: { type: 'string', description: 'The container meant, where the pod has several.' },
  continue: { type: 'string', description: 'The token of the previous page, to get the next one.' },
  dryRun: { type: 'string', description: 'With All, everything is checked and nothing is stored.' },
  fieldManager: {
    type: 'string',
    description: 'The name under which changed fields are recorded.',
  },
  fieldSelector: {
    type: 'string',
    description: 'Restricts the answer to objects whose fields have these values.',
  },
  fieldValidation: {
    type: 'string',
    description:
      'What unknown and duplicate fields lead to: Ignore drops them, Warn drops them with a warning, Strict refuses the request.',
  },
  follow: { type: 'boolean', description: 'Keeps the stream open and sends what is written.' },
  force: {
    type: 'boolean',
    description: 'Takes over fields that other managers own, in an apply.',
  },
  gracePeriodSeconds: {
    type: 'integer',
    description: 'Seconds the object has to end by itself; 0 deletes at once.',
  },
  insecureSkipTLSVerifyBackend: {
    type: 'boolean',
    description: 'Does not check the certificate of the node.',
  },
  labelSelector: {
    type: 'string',
    description: 'Restricts the answer to objects whose labels match.',
  },
  limit: { type: 'integer', description: 'The most objects one answer may hold.' },
  limitBytes: { type: 'integer', description: 'The most bytes to return.' },
  orphanDependents: {
    type: 'boolean',
    description: 'Older form of propagationPolicy: whether dependents stay.',
  },
  path: { type: 'string', description: 'The path asked for at the other side.' },
  ports: { type: 'integer', description: 'The port to forward to.' },
  pretty: { type: 'string', description: 'With true, the answer is indented.' },
  previous: { type: 'boolean', description: 'Returns the log of the container that ran before.' },
  propagationPolicy: {
    type: 'string',
    description: 'What happens to dependents: Orphan, Background or Foreground.',
  },
  resourceVersion: {
    type: 'string',
    description: 'The version the answer must show, by resourceVersionMatch.',
  },
  resourceVersionMatch: {
    type: 'string',
    description: 'How resourceVersion is meant: Exact or NotOlderThan.',
  },
  sendInitialEvents: {
    type: 'boolean',
    description: 'Begins a watch with what exists, closed by a bookmark.',
  },
  sinceSeconds: { type: 'integer', description: 'Returns lines no older than this.' },
  stderr: { type: 'boolean', description: 'Connects the standard error stream.' },
  stdin: { type: 'boolean', description: 'Connects the standard input stream.' },
  stdout: { type: 'boolean', description: 'Connects the standard output stream.' },
  stream: {
    type: 'string',
    description: 'Which stream of the log is returned: All, Stdout or Stderr.',
  },
  tailLines: { type: 'integer', description: 'Returns this many lines from the end.' },
  timeoutSeconds: { type: 'integer', description: 'Ends the request after this long.' },
  timestamps: { type: 'boolean', description: 'Puts the time in front of every line.' },
  tty: { type: 'boolean', description: 'Runs the command on a terminal.' },
  watch: { type: 'boolean', description: 'Streams changes instead of answering with a list.' },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof queryParameters;

const streams: readonly ParameterName[] = ['container', 'stderr', 'stdin', 'stdout', 'tty'];

/** The options of subresources that take them in the query. */
export const connectParameters: Readonly<Record<string, readonly ParameterName[]>> = {
  log: [
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'stream',
    'tailLines',
    'timestamps',
  ],
  exec: ['command', ...streams],
  attach: streams,
  portforward: ['ports'],
  proxy: ['path'],
};
