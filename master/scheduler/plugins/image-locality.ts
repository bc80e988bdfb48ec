/**
 * ImageLocality: prefers nodes that hold the pod's images already, the more so the larger they are and the more nodes
 * hold them (so that one warm node does not draw every pod).
 */
import { maxScore, type ClusterView, type NodeScorer, type Plugin } from './plugin.js';
import type { PodFacts } from './pod-facts.js';

/** Images below this are pulled quickly enough not to matter. */
const leastBytes = 23 * 1024 * 1024;
/** Beyond this, for each container, larger makes no difference. */
const mostBytesEach = 1000 * 1024 * 1024;

/** Nodes list images with a tag; a reference without one means `latest`. */
const withTag = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;

function score({ pod }: PodFacts, cluster: ClusterView): NodeScorer | undefined {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const images = containers
    .map(({ image }) => withTag(image ?? ''))
    .map((image) => ({ image, spread: cluster.nodesWithImage(image) / cluster.nodeCount }))
    .filter(({ spread }) => spread > 0);
  if (images.length === 0) return undefined;
  const mostBytes = mostBytesEach * containers.length;
  return {
    score: ({ facts: { imageBytes } }) => {
      let bytes = 0;
      for (const { image, spread } of images) {
        bytes += Math.floor((imageBytes.get(image) ?? 0) * spread);
      }
      const counted = Math.min(Math.max(bytes, leastBytes), mostBytes);
      return Math.floor((maxScore * (counted - leastBytes)) / (mostBytes - leastBytes));
    },
  };
}

export const imageLocality: Plugin = { name: 'ImageLocality', score, weight: 1, requeueOn: [] };
