/** Policies in simulated worlds: the predecessor's war-game, and demand of our own. */

export { boundOf, type StepBound } from './simulate/bound.ts'
export { drawDemand, Random } from './simulate/demand.ts'
export { ours } from './simulate/ours.ts'
export { ownWorld } from './simulate/own-world.ts'
export { predecessor } from './simulate/predecessor.ts'
export { type ReportOptions, reportHtml } from './simulate/report.ts'
export type { Outcome, Player, Run, RunSummary, Step } from './simulate/run.ts'
export {
  players,
  type Reproduction,
  reproduction,
  type Simulation,
  simulate,
} from './simulate/simulate.ts'
export {
  type BoundSummary,
  decisionsCsv,
  stepsCsv,
  summarizeBounds,
  summaryCsv,
} from './simulate/tables.ts'
export {
  maxWargameBytes,
  parseWargameAnswers,
  parseWargameDemand,
  parseWargameWorld,
  type WargameAnswer,
} from './simulate/wargame.ts'
export type {
  Demand,
  ProviderState,
  Workload,
  World,
  WorldEvent,
  WorldProvider,
  WorldTenant,
  WorldWeights,
} from './simulate/world.ts'
