/** Every command of `vm`, in the order in which help lists them. */
import type { Command } from './command.ts'
import { init } from './commands/init.ts'
import { prove, show, timeline } from './commands/memory.ts'
import { demo, doctor, logRecover } from './commands/operate.ts'
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
import { spawnCreate, spawnTemplates, spawnVerify } from './commands/spawn.ts'

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
  logRecover,
]
