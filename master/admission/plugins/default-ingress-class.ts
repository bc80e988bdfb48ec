/** DefaultIngressClass: an Ingress that names no class gets the cluster's default one. */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { concernsResource } from '../sorts.js';
import { newestDefault } from './default-class.js';
import { ingressClassAnnotation } from '../../../api/networking/v1/ingress-validation.js';

const annotations = ['ingressclass.kubernetes.io/is-default-class'];
/** The older way for an Ingress to name its class. */

type Ingress = KubeObject & { spec?: { ingressClassName?: string } };

export const defaultIngressClass = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'DefaultIngressClass',
  concerns: concernsResource('networking.k8s.io', 'ingresses', ['CREATE']),
  idle: () => reader.count('networking.k8s.io', 'ingressclasses') === 0,
  mutate: ({ object }) => {
    const ingress = object as Ingress;
    if (ingress.spec?.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[ingressClassAnnotation] !== undefined) return;
    const found = newestDefault(reader.list('networking.k8s.io', 'ingressclasses'), annotations);
    if (found === undefined) return;
    ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name };
  },
});
