import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from './metrics.js';

const declare = (metrics: Metrics) =>
  metrics.seriesHistogram({
    name: 'steps_seconds',
    help: 'How long steps took.',
    buckets: [0.1, 1],
  });

describe('a histogram of kept series', () => {
  it('is shown with the others, each bucket counting those below it', async () => {
    const metrics = new Metrics();
    metrics.counter({ name: 'others_total', help: 'Others.' }).increment();
    const observe = declare(metrics).observer({ name: 'a', type: 'admit' });
    for (const value of [0.1, 0.5, 0.25, 3]) observe(value);
    const { body } = await metrics.render();
    assert.match(body, /^others_total 1$/m);
    assert.ok(
      body.endsWith(
        [
          '',
          '# HELP steps_seconds How long steps took.',
          '# TYPE steps_seconds histogram',
          'steps_seconds_bucket{le="0.1",name="a",type="admit"} 1',
          'steps_seconds_bucket{le="1",name="a",type="admit"} 3',
          'steps_seconds_bucket{le="+Inf",name="a",type="admit"} 4',
          'steps_seconds_sum{name="a",type="admit"} 3.85',
          'steps_seconds_count{name="a",type="admit"} 4',
          '',
        ].join('\n'),
      ),
      body,
    );
  });

  it('shares a series among those who ask for the same labels, and shows none without values', async () => {
    const metrics = new Metrics();
    const histogram = declare(metrics);
    histogram.observer({ name: 'b' });
    for (const observe of [histogram.observer({ name: 'a' }), histogram.observer({ name: 'a' })]) {
      observe(2);
    }
    const { body } = await metrics.render();
    assert.match(body, /^steps_seconds_count\{name="a"\} 2$/m);
    assert.doesNotMatch(body, /name="b"/);
  });

  it('escapes values of labels', async () => {
    const metrics = new Metrics();
    declare(metrics).observer({ name: 'a"b\\c\nd' })(2);
    assert.match((await metrics.render()).body, /_count\{name="a\\"b\\\\c\\nd"\} 1$/m);
  });
});
