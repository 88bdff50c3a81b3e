/** Where GPU work runs, and why: catalogs of offers, and the choice among them. */

export { gpuName } from './catalog/gpu-names.ts'
export { everywhere, maxUnits, type Offer } from './catalog/offer.ts'
export { maxCsvBytes, offersFromSkypilot, type SkypilotDefaults } from './catalog/skypilot.ts'
export {
  createSnapshot,
  maxOffers,
  maxSnapshotBytes,
  parseSnapshot,
  Snapshot,
  type SnapshotParts,
  snapshotMediaType,
  type Units,
  withFree,
  withUnits,
} from './catalog/snapshot.ts'
export { maxYamlBytes, offersFromYaml } from './catalog/yaml.ts'
export { decide } from './decide/decide.ts'
export {
  type Candidate,
  Decision,
  type DecisionInputs,
  decisionMediaType,
  type ReceiptSink,
} from './decide/decision.ts'
export { type RefusalCode, refusalCodes } from './decide/limits.ts'
export {
  type Criterion,
  criteria,
  defaultPolicy,
  type PerCriterion,
  type Policy,
  parsePolicy,
  policyFromYaml,
} from './decide/policy.ts'
export { parseRequest, type Request } from './decide/request.ts'
export { RouterError, type RouterErrorCode, routerErrorCodes } from './errors.ts'
export {
  costMicroUsd,
  formatUsd,
  maxDurationMs,
  maxPriceMicroUsd,
  parseUsd,
} from './money.ts'
export { type Parsed, type Problem, problemText } from './reading.ts'
