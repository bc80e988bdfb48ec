/** The programs in dist/bundle, by name, and the compiled modules they begin with. */
export const bundleEntries = {
  pintle: 'dist/cli/main.js',
  // Started as a process or thread of its own; the module that starts it finds it beside itself.
  'namespace-dialer-child': 'dist/machinery/exec/namespace-dialer-child.js',
  thread: 'dist/master/registry/yaml/thread.js',
};
