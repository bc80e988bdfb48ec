import { definition, int32, quantity, ref, string } from '../../schema/schema.js';
import { labelSelector } from '../../meta/v1/label-selector.js';

export const crossVersionObjectReference = definition(
  'io.k8s.api.autoscaling.v2.CrossVersionObjectReference',
  'Names an object of any kind in the same namespace.',
  {
    apiVersion: string(3, 'API version of the object.'),
    kind: string(1, 'Kind of the object.', { required: true }),
    name: string(2, 'Name of the object.', { required: true }),
  },
);

export const metricIdentifier = definition(
  'io.k8s.api.autoscaling.v2.MetricIdentifier',
  'Names a metric.',
  {
    name: string(1, 'Name of the metric.', { required: true }),
    selector: ref(2, labelSelector, 'Labels to narrow the metric by, where its source knows any.'),
  },
);

export const metricTarget = definition(
  'io.k8s.api.autoscaling.v2.MetricTarget',
  'The value a metric is to be kept at.',
  {
    averageUtilization: int32(4, 'Average over the pods, in percent of what they request.'),
    averageValue: quantity(3, 'Average over the pods.'),
    type: string(1, 'Which of the others is aimed at.', {
      required: true,
      enum: ['Utilization', 'Value', 'AverageValue'],
    }),
    value: quantity(2, 'The value as a whole.'),
  },
);

export const containerResourceMetricSource = definition(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricSource',
  'What one container of each pod may use of a resource.',
  {
    container: string(3, 'Name of the container.', { required: true }),
    name: string(1, 'Name of the resource.', { required: true }),
    target: ref(2, metricTarget, 'What to aim at.', { required: true }),
  },
);

export const externalMetricSource = definition(
  'io.k8s.api.autoscaling.v2.ExternalMetricSource',
  'A value from outside the cluster to scale by.',
  {
    metric: ref(1, metricIdentifier, 'The metric it is.', { required: true }),
    target: ref(2, metricTarget, 'What to aim at.', { required: true }),
  },
);

export const objectMetricSource = definition(
  'io.k8s.api.autoscaling.v2.ObjectMetricSource',
  'A value of one object to scale by.',
  {
    describedObject: ref(1, crossVersionObjectReference, 'The object it is about.', {
      required: true,
    }),
    metric: ref(3, metricIdentifier, 'The metric it is.', { required: true }),
    target: ref(2, metricTarget, 'What to aim at.', { required: true }),
  },
);

export const podsMetricSource = definition(
  'io.k8s.api.autoscaling.v2.PodsMetricSource',
  'A value of each pod to scale by.',
  {
    metric: ref(1, metricIdentifier, 'The metric it is.', { required: true }),
    target: ref(2, metricTarget, 'What to aim at.', { required: true }),
  },
);

export const resourceMetricSource = definition(
  'io.k8s.api.autoscaling.v2.ResourceMetricSource',
  'What the pods may use of a resource.',
  {
    name: string(1, 'Name of the resource.', { required: true }),
    target: ref(2, metricTarget, 'What to aim at.', { required: true }),
  },
);

export const metricSpec = definition(
  'io.k8s.api.autoscaling.v2.MetricSpec',
  'One thing to scale by.',
  {
    containerResource: ref(
      7,
      containerResourceMetricSource,
      'Use of a resource by one container of each pod.',
    ),
    external: ref(5, externalMetricSource, 'Value from outside the cluster.'),
    object: ref(2, objectMetricSource, 'Value of one object.'),
    pods: ref(3, podsMetricSource, 'Value of each pod.'),
    resource: ref(4, resourceMetricSource, 'Use of a resource by the pods.'),
    type: string(1, 'Which of the others is given.', {
      required: true,
      enum: ['Object', 'Pods', 'Resource', 'ContainerResource', 'External'],
    }),
  },
);
