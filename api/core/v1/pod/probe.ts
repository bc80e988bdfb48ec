import {
  definition,
  inline,
  int32,
  int64,
  intOrString,
  list,
  ref,
  string,
} from '../../../schema/schema.js';

export const execAction = definition('io.k8s.api.core.v1.ExecAction', '', {
  command: list(1, 'string', '', { listType: 'atomic' }),
});

export const grpcAction = definition('io.k8s.api.core.v1.GRPCAction', '', {
  port: int32(1, '', { required: true }),
  service: string(2, ''),
});

export const httpHeader = definition('io.k8s.api.core.v1.HTTPHeader', '', {
  name: string(1, '', { required: true }),
  value: string(2, '', { required: true }),
});

export const httpGetAction = definition('io.k8s.api.core.v1.HTTPGetAction', '', {
  host: string(3, ''),
  httpHeaders: list(5, httpHeader, '', { listType: 'atomic' }),
  path: string(1, ''),
  port: intOrString(2, '', { required: true }),
  scheme: string(4, '', { enum: ['HTTP', 'HTTPS'] }),
});

export const sleepAction = definition('io.k8s.api.core.v1.SleepAction', '', {
  seconds: int64(1, '', { required: true }),
});

export const tcpSocketAction = definition('io.k8s.api.core.v1.TCPSocketAction', '', {
  host: string(2, ''),
  port: intOrString(1, '', { required: true }),
});

export const lifecycleHandler = definition('io.k8s.api.core.v1.LifecycleHandler', '', {
  exec: ref(1, execAction, ''),
  httpGet: ref(2, httpGetAction, ''),
  sleep: ref(4, sleepAction, ''),
  tcpSocket: ref(3, tcpSocketAction, ''),
});

export const lifecycle = definition('io.k8s.api.core.v1.Lifecycle', '', {
  postStart: ref(1, lifecycleHandler, ''),
  preStop: ref(2, lifecycleHandler, ''),
  stopSignal: string(3, '', {
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMAX-14',
      'SIGRTMAX-13',
      'SIGRTMAX-12',
      'SIGRTMAX-11',
      'SIGRTMAX-10',
      'SIGRTMAX-9',
      'SIGRTMAX-8',
      'SIGRTMAX-7',
      'SIGRTMAX-6',
      'SIGRTMAX-5',
      'SIGRTMAX-4',
      'SIGRTMAX-3',
      'SIGRTMAX-2',
      'SIGRTMAX-1',
      'SIGRTMAX',
    ],
  }),
});

export const probe = definition('io.k8s.api.core.v1.Probe', '', {
  exec: ref(inline, execAction, ''),
  failureThreshold: int32(6, ''),
  grpc: ref(inline, grpcAction, ''),
  httpGet: ref(inline, httpGetAction, ''),
  initialDelaySeconds: int32(2, ''),
  periodSeconds: int32(4, ''),
  successThreshold: int32(5, ''),
  tcpSocket: ref(inline, tcpSocketAction, ''),
  terminationGracePeriodSeconds: int64(7, ''),
  timeoutSeconds: int32(3, ''),
});
