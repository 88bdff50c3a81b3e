/** The demo's steps, by name. Each does real work in processes of its own. */
import type { Step } from '../play.ts'
import type { StepId } from '../step-ids.ts'
import { decide } from './decide.ts'
import { federation } from './federation.ts'
import { init } from './init.ts'
import { mcp } from './mcp.ts'
import { page } from './page.ts'
import { prove } from './prove.ts'
import { remember } from './remember.ts'
import { route } from './route.ts'
import { spawn } from './spawn.ts'
import { tamper } from './tamper.ts'
import { test } from './test.ts'

/** Every step. */
export const steps: Readonly<Record<StepId, Step>> = {
  init,
  spawn,
  test,
  remember,
  decide,
  prove,
  tamper,
  route,
  federation,
  mcp,
  page,
}
