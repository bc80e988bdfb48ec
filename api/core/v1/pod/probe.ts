import { signalNames } from './signals.js';
import {
  definition,
  int32,
  int64,
  intOrString,
  list,
  ref,
  string,
  within,
} from '../../../schema/schema.js';

export const execAction = definition(
  'io.k8s.api.core.v1.ExecAction',
  'A command run inside the container; exit code 0 is success.',
  {
    command: list(1, 'string', 'Command with its arguments, not run in a shell.', {
      listType: 'atomic',
    }),
  },
);

export const grpcAction = definition(
  'io.k8s.api.core.v1.GRPCAction',
  'A call of the gRPC health service.',
  {
    port: int32(1, 'Port of the gRPC service.', { required: true }),
    service: string(2, 'Name of the service to ask about.'),
  },
);

export const httpHeader = definition(
  'io.k8s.api.core.v1.HTTPHeader',
  'A header of an HTTP request.',
  {
    name: string(1, 'Name of the header.', { required: true }),
    value: string(2, 'Value of the header.', { required: true }),
  },
);

export const httpGetAction = definition(
  'io.k8s.api.core.v1.HTTPGetAction',
  'An HTTP GET; codes from 200 to 399 are success.',
  {
    host: string(3, "Host to connect to; the pod's address when absent."),
    httpHeaders: list(5, httpHeader, 'Headers to send.', { listType: 'atomic' }),
    path: string(1, 'Path to ask for.'),
    port: intOrString(2, 'Port to connect to, by number or by name.', { required: true }),
    scheme: string(4, 'HTTP or HTTPS; certificates are not checked.', { enum: ['HTTP', 'HTTPS'] }),
  },
);

export const sleepAction = definition('io.k8s.api.core.v1.SleepAction', 'Waiting for some time.', {
  seconds: int64(1, 'Seconds to wait.', { required: true }),
});

export const tcpSocketAction = definition(
  'io.k8s.api.core.v1.TCPSocketAction',
  'Opening a TCP connection.',
  {
    host: string(2, "Host to connect to; the pod's address when absent."),
    port: intOrString(1, 'Port to connect to, by number or by name.', { required: true }),
  },
);

export const lifecycleHandler = definition(
  'io.k8s.api.core.v1.LifecycleHandler',
  "What to do at a point of a container's life; one of the fields.",
  {
    exec: ref(1, execAction, 'Runs a command in the container.'),
    httpGet: ref(2, httpGetAction, 'Sends an HTTP request to the pod.'),
    sleep: ref(4, sleepAction, 'Waits before the container is stopped.'),
    tcpSocket: ref(3, tcpSocketAction, 'Opens a TCP connection to the pod.'),
  },
);

export const lifecycle = definition(
  'io.k8s.api.core.v1.Lifecycle',
  'What to do right after a container starts and before it stops.',
  {
    postStart: ref(
      1,
      lifecycleHandler,
      'Run right after the start; failing restarts the container.',
    ),
    preStop: ref(
      2,
      lifecycleHandler,
      'Run before the container is told to stop; counts towards the grace period.',
    ),
    stopSignal: string(3, "Signal that tells the container to stop; the image's own when absent.", {
      enum: signalNames,
    }),
  },
);

export const probe = definition(
  'io.k8s.api.core.v1.Probe',
  'A check repeated while a container runs; one of exec, grpc, httpGet and tcpSocket says how.',
  {
    exec: ref(within(1, 1), execAction, 'Runs a command in the container.'),
    failureThreshold: int32(6, 'Failures in a row after which the probe counts as failed.'),
    grpc: ref(within(1, 4), grpcAction, 'Calls the gRPC health service.'),
    httpGet: ref(within(1, 2), httpGetAction, 'Sends an HTTP request to the pod.'),
    initialDelaySeconds: int32(2, 'Seconds to wait after the start before probing.'),
    periodSeconds: int32(4, 'Seconds between two probes.'),
    successThreshold: int32(
      5,
      'Successes in a row after which the probe counts as successful again.',
    ),
    tcpSocket: ref(within(1, 3), tcpSocketAction, 'Opens a TCP connection to the pod.'),
    terminationGracePeriodSeconds: int64(
      7,
      "Seconds to stop in when this probe ends the container, instead of the pod's.",
    ),
    timeoutSeconds: int32(3, 'Seconds after which one probe counts as failed.'),
  },
);
