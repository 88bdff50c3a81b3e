/** What the output of the README's first command must show. */

/** The steps of the demo, in their order. */
const demoSteps = 'init spawn test remember decide prove tamper route federation mcp page'.split(
  ' ',
)

/** What the README promises for the whole command, the setup of a fresh clone included. */
const longestSeconds = 180

/**
 * What is wrong with a run of the demo, in words.
 *
 * @param said all that it has printed
 * @param seconds how long it took, with all that came before it
 * @param isComplete whether no step may be skipped
 */
export function demoProblems(said: string, seconds: number, isComplete: boolean): string[] {
  const done = [...said.matchAll(/^\u2713 \d+\/\d+ ([a-z]+):/gm)].map(([, id]) => id ?? '')
  const skipped = [...said.matchAll(/^- \d+\/\d+ ([a-z]+):/gm)].map(([, id]) => id ?? '')
  const missing = demoSteps.filter((id) => !done.includes(id) && !skipped.includes(id))
  const more = [...done, ...skipped].filter((id) => !demoSteps.includes(id))
  return [
    ...missing.map((id) => `the demo has not taken the step ${id}`),
    ...more.map((id) => `the demo has a step ${id} that nothing here knows of`),
    ...(isComplete ? skipped.map((id) => `the demo has skipped the step ${id}`) : []),
    ...(said.includes('Nothing was left behind.') ? [] : ['the demo does not say that it is done']),
    ...(seconds <= longestSeconds
      ? []
      : [`it took ${seconds.toFixed(0)} s, and the README promises ${longestSeconds} s`]),
  ]
}
