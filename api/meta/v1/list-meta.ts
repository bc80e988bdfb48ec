import { definition, int64, ref, string } from '../../schema/schema.js';
import { shardInfo } from './discovery.js';

export const listMeta = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta',
  'What a list says about itself.',
  {
    continue: string(
      3,
      'A token that fetches the next part of a list that was limited; opaque, and good for a few minutes.',
    ),
    remainingItemCount: int64(4, 'How many objects follow in later parts, where it is known.'),
    resourceVersion: string(2, 'The revision the list shows; a watch can start from it.'),
    selfLink: string(1, 'No longer used.'),
    shardInfo: ref(
      5,
      shardInfo,
      'Which shard of the list this is, where the client asked for one.',
    ),
  },
);
