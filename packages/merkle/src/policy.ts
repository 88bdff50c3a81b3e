/** C2SP tlog-policy: which logs a checkpoint may be of, and which witnesses must have cosigned it. */
export {
  evaluateCheckpoint,
  hasQuorum,
  type PolicyRefusal,
  type PolicyVerdict,
} from './policy/evaluate.ts'
export { maxPolicyLength, parsePolicy } from './policy/parse.ts'
export {
  noQuorum,
  type PolicyFailure,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  type TlogPolicy,
} from './policy/types.ts'
