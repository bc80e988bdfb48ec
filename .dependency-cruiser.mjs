/**
 * The boundaries of docs/adr/0002 and ARCHITECTURE.md, checked by `npm run check` and proven by tools/boundaries.test.ts, which breaks each.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const leaves = ['runtime', 'network', 'proxy', 'policy', 'dns', 'probes', 'volumes'];
const steps = ['authn', 'authz', 'admission', 'registry'];
const notTests = '\\.(test|lab)\\.ts$|/contract\\.ts$';

const rules = [
  {
    name: 'components-talk-over-the-api',
    comment: 'Master and agent run on different machines; whatever they share is in the API.',
    from: { path: '^(agent|master)/' },
    to: { path: '^(agent|master)/', pathNot: '^$1/' },
  },
  {
    name: 'controllers-are-clients',
    comment:
      'A controller or the scheduler can move to another process only if it knows nothing of the server.',
    from: { path: '^master/(controllers/[^/]+|scheduler)/', pathNot: notTests },
    to: { path: '^(master|agent|cli|cni)/', pathNot: '^master/$1/' },
  },
  {
    name: 'steps-do-not-know-each-other',
    comment:
      'Requests pass authn, authz, admission and registry in the order the server composes; a step that calls another hides it.',
    from: { path: `^master/(${steps.join('|')})/`, pathNot: notTests },
    to: { path: `^master/(server|${steps.join('|')})/`, pathNot: '^master/$1/' },
  },
  {
    name: 'chain-order',
    comment:
      'registry → watch → store: only the watch cache reads and writes the store, so every reader sees the same revision.',
    from: {
      path: '^master/(server|authn|authz|admission|registry|controllers|scheduler)/',
      pathNot: notTests,
    },
    to: { path: '^master/store/' },
  },
  {
    name: 'watch-and-store-look-down',
    comment: 'The store knows nothing of objects, the watch cache nothing of requests.',
    from: { path: '^master/(watch|store)/' },
    to: { path: `^master/(server|controllers|scheduler|${steps.join('|')})/` },
  },
  {
    name: 'agent-leaves',
    comment:
      'Leaves are composed by pods/ and main.ts; a leaf that calls another cannot be tested or replaced alone.',
    from: { path: `^agent/(${leaves.join('|')})/`, pathNot: notTests },
    to: { path: `^agent/(${leaves.join('|')})/`, pathNot: '^agent/$1/' },
  },
  {
    name: 'api-is-pure',
    comment: 'Declarations are read by every component and must not bring machinery along.',
    from: { path: '^api/', pathNot: notTests },
    to: { path: '^(machinery|master|agent|cni|cli|test|testing|bench|tools)/' },
  },
  {
    name: 'pure-stays-pure',
    comment:
      'Reconcile, plan, ruleset and scheduler plugins are functions of their input, so that records replay.',
    from: {
      path: '(^master/controllers/[^/]+/reconcile|^agent/pods/plan|/ruleset|^master/scheduler/plugins/.+)\\.ts$',
      pathNot: notTests,
    },
    to: {
      path: '^(fs|net|tls|dgram|dns|os|http|https|timers|process)($|/)|^machinery/(exec|log|metrics|config)/|node_modules/',
    },
  },
  {
    name: 'one-door-docker',
    comment: 'dockerode speaks in untyped errors; agent/runtime/docker translates them.',
    from: { pathNot: '^agent/runtime/docker/|^(test|bench)/' },
    to: { path: 'node_modules/dockerode' },
  },
  {
    name: 'one-door-processes',
    comment: 'machinery/exec bounds output and time and makes failures typed.',
    from: { pathNot: '^machinery/exec/|^(tools|test|bench)/|\\.mjs$' },
    to: { path: '^(node:)?child_process$' },
  },
  {
    name: 'one-door-express',
    comment:
      'Express serves what is not a resource; everything else is routed by the declarations.',
    from: { pathNot: '^(master|agent|dashboard)/server/' },
    to: { path: 'node_modules/express/' },
  },
  {
    name: 'one-door-storage',
    comment: 'Only a store implementation knows what it is stored in.',
    from: { pathNot: '^(master/store|bench)/' },
    to: { path: 'node_modules/(lmdb|@grpc)/' },
  },
  {
    name: 'one-door-metrics',
    comment: 'machinery/metrics keeps one registry and bounded labels.',
    from: { pathNot: '^machinery/metrics/' },
    to: { path: 'node_modules/prom-client/' },
  },
  {
    name: 'shipped-code-knows-no-tests',
    comment: 'What runs at a user must not need what only we have.',
    from: { pathNot: `^(test|testing|bench|tools)/|${notTests}` },
    to: { path: `^(test|testing|bench|tools)/|${notTests}` },
  },
  {
    name: 'no-circular',
    comment: 'Files that need each other are one file.',
    from: { pathNot: '/types\\.ts$' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
];

export default {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
