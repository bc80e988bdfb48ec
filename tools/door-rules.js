/** ESLint rules that keep time, randomness and the environment behind `machinery/`. Proven by boundaries.test.ts. */
const door = 'has one door: use the Clock, Random or configuration that machinery/ provides';

export const doorRules = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval'].map((name) => ({ name, message: `Time ${door}.` })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: `Time ${door}.` },
    { object: 'performance', property: 'now', message: `Time ${door}.` },
    { object: 'Math', property: 'random', message: `Randomness ${door}.` },
    { object: 'process', property: 'env', message: `The environment ${door}.` },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: `Time ${door}.` },
  ],
};
