import { definition, int32, quantity, ref, string } from '../../schema/schema.js';
import { crossVersionObjectReference, metricIdentifier } from './metrics.js';

export const metricValueStatus = definition(
  'io.k8s.api.autoscaling.v2.MetricValueStatus',
  'A measured value.',
  {
    averageUtilization: int32(3, 'Average over the pods, in percent of what they request.'),
    averageValue: quantity(2, 'Average over the pods.'),
    value: quantity(1, 'The value as a whole.'),
  },
);

export const containerResourceMetricStatus = definition(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus',
  'What one container of each pod uses of a resource.',
  {
    container: string(3, 'Name of the container.', { required: true }),
    current: ref(2, metricValueStatus, 'What was measured.', { required: true }),
    name: string(1, 'Name of the resource.', { required: true }),
  },
);

export const externalMetricStatus = definition(
  'io.k8s.api.autoscaling.v2.ExternalMetricStatus',
  'A value measured outside the cluster.',
  {
    current: ref(2, metricValueStatus, 'What was measured.', { required: true }),
    metric: ref(1, metricIdentifier, 'The metric it is.', { required: true }),
  },
);

export const objectMetricStatus = definition(
  'io.k8s.api.autoscaling.v2.ObjectMetricStatus',
  'A value measured of one object.',
  {
    current: ref(2, metricValueStatus, 'What was measured.', { required: true }),
    describedObject: ref(3, crossVersionObjectReference, 'The object it is about.', {
      required: true,
    }),
    metric: ref(1, metricIdentifier, 'The metric it is.', { required: true }),
  },
);

export const podsMetricStatus = definition(
  'io.k8s.api.autoscaling.v2.PodsMetricStatus',
  'A value measured of each pod.',
  {
    current: ref(2, metricValueStatus, 'What was measured.', { required: true }),
    metric: ref(1, metricIdentifier, 'The metric it is.', { required: true }),
  },
);

export const resourceMetricStatus = definition(
  'io.k8s.api.autoscaling.v2.ResourceMetricStatus',
  'What the pods use of a resource.',
  {
    current: ref(2, metricValueStatus, 'What was measured.', { required: true }),
    name: string(1, 'Name of the resource.', { required: true }),
  },
);

export const metricStatus = definition(
  'io.k8s.api.autoscaling.v2.MetricStatus',
  'What was last measured of one metric.',
  {
    containerResource: ref(
      7,
      containerResourceMetricStatus,
      'Use of a resource by one container of each pod.',
    ),
    external: ref(5, externalMetricStatus, 'Value from outside the cluster.'),
    object: ref(2, objectMetricStatus, 'Value of one object.'),
    pods: ref(3, podsMetricStatus, 'Value of each pod.'),
    resource: ref(4, resourceMetricStatus, 'Use of a resource by the pods.'),
    type: string(1, 'Which of the others is given.', {
      required: true,
      enum: ['Object', 'Pods', 'Resource', 'ContainerResource', 'External'],
    }),
  },
);
