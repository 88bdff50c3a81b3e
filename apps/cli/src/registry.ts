/** Every command of `vm`, in the order in which help lists them. */
import type { Command } from './command.ts'
import { init } from './commands/init.ts'
import {
  logAppend,
  logExport,
  logFsck,
  logGc,
  logHead,
  logImport,
  logInit,
  logRecover,
  logRepair,
  logRotate,
  logServe,
} from './commands/log.ts'
import { prove, show, timeline } from './commands/memory.ts'
import { demo, doctor } from './commands/operate.ts'
import { trustExport, verify } from './commands/prove.ts'
import {
  recordArtifact,
  recordDecision,
  recordDeployment,
  recordDiscovery,
  recordIncident,
  recordNote,
  recordSpawn,
} from './commands/record.ts'
import {
  catalogImport,
  leaseBind,
  leaseBudget,
  leaseCapacity,
  leaseHold,
  leaseList,
  leaseRelease,
  routeDecide,
  routeExplain,
  routeOffers,
  routeSimulate,
} from './commands/route.ts'
import { spawnCreate, spawnTemplates, spawnVerify } from './commands/spawn.ts'
import { timestamp, timestampShow, timestampVerify } from './commands/timestamp.ts'
import {
  tsaInit,
  tsaServe,
  tsaShow,
  tsaTrustAdd,
  tsaTrustList,
  tsaTrustPin,
} from './commands/tsa.ts'

/** Declarations only: a command's work is loaded when it is called. */
export const commands: readonly Command[] = [
  demo,
  init,
  doctor,
  spawnCreate,
  spawnVerify,
  spawnTemplates,
  recordDecision,
  recordIncident,
  recordDiscovery,
  recordNote,
  recordArtifact,
  recordDeployment,
  recordSpawn,
  timeline,
  show,
  prove,
  trustExport,
  verify,
  timestamp,
  timestampVerify,
  timestampShow,
  tsaTrustAdd,
  tsaTrustList,
  tsaTrustPin,
  catalogImport,
  routeOffers,
  routeDecide,
  routeExplain,
  leaseHold,
  leaseBind,
  leaseRelease,
  leaseList,
  leaseCapacity,
  leaseBudget,
  routeSimulate,
  logHead,
  logFsck,
  logRepair,
  logRecover,
  logExport,
  logImport,
  logServe,
  logRotate,
  logGc,
  logInit,
  logAppend,
  tsaInit,
  tsaServe,
  tsaShow,
]
