/** The programs in dist/bundle, by name, and the modules they begin with. */
export const bundleEntries = {
  pintle: 'cli/main.ts',
  // Started as a process or thread of its own; the module that starts it finds it beside itself.
  'namespace-dialer-child': 'machinery/exec/namespace-dialer-child.ts',
  thread: 'master/registry/yaml/thread.ts',
};

/** The folders whose modules are in the bundle. */
export const bundledFolders = ['api', 'machinery', 'master', 'agent', 'cni', 'cli'];
