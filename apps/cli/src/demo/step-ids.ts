/** The names of the demo's steps, in their order. Apart from the steps, which need more to load. */

/** Every step's name, in the order in which the whole demo takes them. */
export const stepIds = [
  'init',
  'spawn',
  'test',
  'remember',
  'decide',
  'prove',
  'tamper',
  'route',
  'federation',
  'mcp',
  'page',
] as const

/** The name of a step, as `vm demo --only` takes it. */
export type StepId = (typeof stepIds)[number]
