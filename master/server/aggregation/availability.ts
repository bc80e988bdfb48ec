/** Whether an extension API server can be asked, in the reasons and words of Kubernetes' aggregator. Pure. */
import { timestamp } from '../../../api/meta/timestamp.js';
import type { APIService, APIServiceCondition } from '../../../api/apiregistration/v1/types.js';
import type { Service } from '../../../api/core/v1/types.js';

/** What is known of the way to an extension server. */
export interface Reachability {
  readonly service: Service | undefined;
  /** How many ready endpoints stand behind the port. */
  readonly readyEndpoints: number;
  /** Why discovery could not be read; undefined when it could, or was not tried. */
  readonly discoveryFailure: string | undefined;
}

export type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

const unavailable = (reason: string, message: string): Verdict => ({
  status: 'False',
  reason,
  message,
});

/** The name of the Service's port that an APIService means; undefined when there is no such port. */
export function portNameOf(service: Service | undefined, port: number): string | undefined {
  const found = service?.spec.ports?.find((one) => one.port === port);
  return found === undefined ? undefined : (found.name ?? '');
}

/** What stands in the way before the server is even asked; undefined when nothing does. */
export function obstacleOf(
  { spec }: APIService,
  { service, readyEndpoints }: Pick<Reachability, 'service' | 'readyEndpoints'>,
): Verdict | undefined {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {};
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  if (service === undefined) return unavailable('ServiceNotFound', `${where} is not present`);
  if (service.spec.type === 'ExternalName') return undefined;
  const portName = portNameOf(service, port);
  if (portName === undefined) {
    return unavailable('ServicePortError', `${where} is not listening on port ${String(port)}`);
  }
  return readyEndpoints > 0
    ? undefined
    : unavailable(
        'MissingEndpoints',
        `endpoints for ${where} have no addresses with port name ${JSON.stringify(portName)}`,
      );
}

/** The verdict once the server was asked for its discovery document. */
export const verdictOfDiscovery = (path: string, failure: string | undefined): Verdict =>
  failure === undefined
    ? { status: 'True', reason: 'Passed', message: 'all checks passed' }
    : unavailable('FailedDiscoveryCheck', `failing or missing response from ${path}: ${failure}`);

/** The conditions with the verdict in them; undefined when they say it already. `now` is milliseconds since the epoch. */
export function conditionsWith(
  { status }: APIService,
  verdict: Verdict,
  now: number,
): readonly APIServiceCondition[] | undefined {
  const before = status.conditions?.find(({ type }) => type === 'Available');
  if (
    before?.status === verdict.status &&
    before.reason === verdict.reason &&
    before.message === verdict.message
  ) {
    return undefined;
  }
  const lastTransitionTime =
    before?.status === verdict.status ? before.lastTransitionTime : timestamp(now);
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Available');
  return [...others, { type: 'Available', ...verdict, lastTransitionTime }];
}
