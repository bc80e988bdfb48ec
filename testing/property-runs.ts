/** How long tests look for a case that breaks a property. */

/** So many tries, times PINTLE_PROPERTY_RUNS: `npm test` looks further than who waits for the unit tests wants it to. */
export function propertyRuns(usual: number): number {
  return usual * Number(process.env.PINTLE_PROPERTY_RUNS ?? '1');
}
