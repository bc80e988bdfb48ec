import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenRequest } from '../../../api/authentication/v1/types.js';
import { badRequest, isStatusError } from '../../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../../api/meta/v1/types.js';
import { builtInResources } from '../../../api/resources.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import type { IssueRequest } from '../../authn/service-account-tokens.js';
import { openRegistries } from '../../open-registries.js';
import { admitAll } from '../../registry/hooks.js';
import type { AdmissionStep, WriteAttributes, WriteContext } from '../../registry/hooks.js';
import { openMemoryStore } from '../../store/memory.js';
import type { ApiRequest } from '../api-request.js';
import { tokenHandler } from './token.js';

const issuer = 'https://issuer';

/** What came of a request for a token of the account `a`. */
interface Outcome {
  readonly answer?: TokenRequest;
  readonly refusal?: Status;
  readonly issued: readonly IssueRequest[];
  readonly annotations: ReadonlyMap<string, string>;
}

/** Asks for a token of the account `a` in the namespace `n`, where the pod `p` runs as it. */
async function ask(
  body: object,
  admission: AdmissionStep = admitAll,
  dryRun = false,
): Promise<Outcome> {
  const clock = new FakeClock();
  const registries = await openRegistries({
    store: openMemoryStore(),
    resources: builtInResources,
    serviceCidr: '10.96.0.0/12',
    clock,
    random: systemRandom,
  });
  const requester = { username: 'admin', groups: [] };
  const context: WriteContext = { dryRun, admission, requester, warnings: [] };
  const put = async (plural: string, fields: object): Promise<void> => {
    const registry = registries.of('', plural);
    const { apiVersion, kind, defaults } = registry.resource;
    const draft = { apiVersion, kind, ...fields } as KubeObject;
    defaults?.(draft);
    await registry.create(draft, 'n', { ...context, dryRun: false, admission: admitAll });
  };
  const containers = [{ name: 'c', image: 'i' }];
  await put('serviceaccounts', { metadata: { name: 'a' } });
  await put('pods', { metadata: { name: 'p' }, spec: { serviceAccountName: 'a', containers } });
  const issued: IssueRequest[] = [];
  const handle = tokenHandler(registries, {
    issuer,
    issue: (wanted) => {
      issued.push(wanted);
      return Promise.resolve({ token: 'secret', id: 'id-1', expiryMs: clock.now() + 3_600_000 });
    },
  });
  const auditAnnotations = new Map<string, string>();
  const request = {
    target: { verb: 'create', namespace: 'n', name: 'a', subresource: 'token' },
    body: () => ({ type: 'value', value: body, mediaType: 'application/json' }),
    query: new URLSearchParams(),
    warnings: [],
    auditAnnotations,
  } as unknown as ApiRequest;
  try {
    const answer = await handle(request, context);
    assert.ok(answer.type === 'object');
    const object = answer.object as unknown as TokenRequest;
    return { answer: object, issued, annotations: auditAnnotations };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { refusal: error.status, issued, annotations: auditAnnotations };
  }
}

const requestFor = (spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  metadata,
  spec,
});

test('a token is issued for the account of the URL and the audience of the server', async () => {
  const { answer, issued, annotations } = await ask(requestFor());
  assert.equal(answer?.status.token, 'secret');
  assert.deepEqual(answer.spec, {
    audiences: [issuer],
    expirationSeconds: 3600,
    boundObjectRef: null,
  });
  assert.equal(answer.metadata.name, 'a');
  assert.equal(answer.metadata.namespace, 'n');
  assert.deepEqual([issued[0]?.subject.name, issued[0]?.audiences], ['a', [issuer]]);
  const said = annotations.get('authentication.kubernetes.io/issued-credential-id');
  assert.equal(said, 'JTI=id-1');
});

test('a token is issued only when admission has let the request pass', async () => {
  const seen: WriteAttributes[] = [];
  const refuse = (attributes: WriteAttributes): never => {
    seen.push(attributes);
    throw badRequest('not so');
  };
  const halves: readonly AdmissionStep[] = [
    { ...admitAll, mutate: refuse },
    { ...admitAll, validate: refuse },
  ];
  for (const step of halves) {
    const { refusal, issued } = await ask(requestFor(), step);
    assert.equal(refusal?.message, 'not so');
    assert.deepEqual(issued, []);
  }
  const told = seen.map(({ operation, subresource, namespace, name, object }) => [
    `${operation} ${subresource} ${namespace}/${name} ${object?.kind ?? ''}`,
    (object as unknown as TokenRequest).spec.audiences,
  ]);
  // Those who may change the request see what was asked, those who judge it what is meant.
  assert.deepEqual(told, [
    ['CREATE token n/a TokenRequest', undefined],
    ['CREATE token n/a TokenRequest', [issuer]],
  ]);
});

test('what admission makes of a request is checked', async () => {
  const step: AdmissionStep = {
    ...admitAll,
    mutate: ({ object }) => {
      (object as unknown as TokenRequest).spec.expirationSeconds = 5;
    },
  };
  const { refusal } = await ask(requestFor(), step);
  assert.match(refusal?.message ?? '', /may not specify a duration less than 10 minutes/);
});

test('a dry run hands out no token', async () => {
  const { answer } = await ask(requestFor(), admitAll, true);
  assert.equal(answer?.status.token, '');
});

const boundTo = (boundObjectRef: object): object => requestFor({ boundObjectRef });
const refusals: readonly (readonly [string, object, number, string])[] = [
  [
    'another name',
    requestFor({}, { name: 'b' }),
    422,
    'TokenRequest.authentication.k8s.io "a" is invalid: metadata.name: Invalid value: "b": must match the service account name if specified',
  ],
  [
    'another namespace',
    requestFor({}, { namespace: 'm' }),
    422,
    'TokenRequest.authentication.k8s.io "a" is invalid: metadata.namespace: Invalid value: "m": must match the service account namespace if specified',
  ],
  [
    'a kind nothing is bound to',
    boundTo({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }),
    400,
    'cannot bind token to object of type apps/v1, Kind=Deployment',
  ],
  [
    'a pod that is gone and came back',
    boundTo({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'old' }),
    409,
    'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated',
  ],
  ['no pod', boundTo({ apiVersion: 'v1', kind: 'Pod', name: 'q' }), 404, 'pods "q" not found'],
];
for (const [what, body, code, message] of refusals) {
  test(`no token is issued for ${what}`, async () => {
    const { refusal, issued } = await ask(body);
    assert.deepEqual([refusal?.code, refusal?.message], [code, message]);
    assert.deepEqual(issued, []);
  });
}
