/** C2SP tlog-witness: how a log asks for cosignatures, and how a witness decides. */
export {
  type CosignedCheckpoint,
  cosignCheckpoint,
  witnessCheckpointPath,
} from './witness/cosign.ts'
export {
  type AddCheckpointFailure,
  type AddCheckpointRequest,
  formatAddCheckpoint,
  maxAddCheckpointLength,
  parseAddCheckpoint,
} from './witness/request.ts'
export {
  type CosignaturesFailure,
  formatCosignatures,
  formatWitnessSize,
  openCosignatures,
  parseCosignatures,
  parseWitnessSize,
  witnessSizeType,
} from './witness/response.ts'
export {
  addCheckpoint,
  type LogVerifiers,
  type OpenedAddCheckpoint,
  openAddCheckpoint,
  type WitnessAdvance,
  type WitnessRefusal,
  type WitnessState,
} from './witness/transition.ts'
