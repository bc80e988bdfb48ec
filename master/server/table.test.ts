import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { builtInResources } from '../../api/resources.js';
import { bookmarkEvent } from '../watch/watch-event.js';
import { bookmarkTable } from './table.js';

interface Table {
  readonly columnDefinitions: readonly unknown[];
  readonly rows: readonly [
    { readonly cells: readonly unknown[]; readonly object: { readonly metadata: unknown } | null },
  ];
}

test('a bookmark is a row of empty cells, of whatever kind', () => {
  for (const resource of builtInResources) {
    const { kind } = resource;
    const event = bookmarkEvent({ kind, apiVersion: 'v1', revision: 7, endsInitialEvents: true });
    const { object } = JSON.parse(event.line().toString()) as { object: KubeObject };
    for (const includeObject of ['None', 'Metadata', 'Object'] as const) {
      const options = { resource, metaVersion: 'v1', includeObject, nowMs: 0 };
      const table = bookmarkTable(object, {}, options) as Table;
      const [row] = table.rows;
      assert.equal(row.cells.length, table.columnDefinitions.length, resource.plural);
      assert.ok(!row.cells.some(Boolean), resource.plural);
      const shown = includeObject === 'None' ? undefined : object.metadata;
      assert.deepEqual(row.object?.metadata, shown, resource.plural);
    }
  }
});
