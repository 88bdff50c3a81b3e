/** The seven steps of the demo. Each does real work in processes of its own. */
import { mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../command.ts'
import { VmError } from '../errors.ts'
import { listAt, textAt } from './answers.ts'
import { type Isolation, isolation } from './offline.ts'
import type { Scene } from './scene.ts'
import { tamperings } from './tamper.ts'
import { runVm } from './vm-process.ts'

/** What the steps share, and what they leave for the next ones. */
export interface Play {
  readonly scene: Scene
  readonly signal: AbortSignal
  /** What a child that works for long says meanwhile. */
  readonly onTalk: (line: string) => void
  namespace: string
  decision: string
  offline: Isolation | undefined
}

/** One step: what it is, and what it found, a line each. */
export interface Step {
  readonly title: string
  readonly run: (play: Play) => Promise<readonly string[]>
}

const service = 'payment-service'
const proofName = 'decision.vmproof.json'
const policyName = 'policy.json'

function vm({ scene, signal }: Play, ...words: readonly string[]): ReturnType<typeof runVm> {
  return runVm(words, { cwd: scene.workspace, env: scene.env, signal })
}

async function init(play: Play): Promise<readonly string[]> {
  const made = await vm(play, 'init', '--namespace', 'payments')
  play.namespace = textAt(made, 'namespace')
  return [
    `log       ${textAt(made, 'origin')}`,
    `key       ${textAt(made, 'keys', 'record')}`,
    'time      an embedded authority, marked as self-issued',
  ]
}

async function create(play: Play): Promise<readonly string[]> {
  const made = await vm(play, 'spawn', 'create', service, '--template', 'ts-fastify', '--no-record')
  return [
    `files     ${listAt(made, 'files').length}`,
    `commit    ${textAt(made, 'gitCommit')}`,
    `template  ${textAt(made, 'template', 'id')} ${textAt(made, 'template', 'version')}`,
  ]
}

async function test(play: Play): Promise<readonly string[]> {
  const { scene, signal, onTalk } = play
  const words = ['spawn', 'verify', service, '--tier', 'test']
  const report = await runVm(words, { cwd: scene.workspace, env: scene.env, signal, onTalk })
  return listAt(report, 'steps').map(checkLine)
}

/** A step or a check, as both `vm spawn verify` and `vm verify` report it, in one line. */
function checkLine(check: Json): string {
  const status = textAt(check, 'status').padEnd(9)
  const [detail = ''] = textAt(check, 'detail').split('\n', 1)
  return `${status} ${textAt(check, 'id').padEnd(18)} ${detail}`
}

async function remember(play: Play): Promise<readonly string[]> {
  const made = await vm(play, 'memory', 'record', 'spawn', service)
  const checkpoint = join(play.scene.workspace, '.vaultmesh', 'logs', play.namespace, 'checkpoint')
  const [origin, size, root] = (await readFile(checkpoint, 'utf8')).split('\n')
  return [
    `record    ${textAt(made, 'id')}`,
    `signed    ${textAt(made, 'keyid')}`,
    `attested  ${textAt(made, 'attestedAt')}`,
    `log       index ${textAt(made, 'index')}`,
    `head      ${origin}, size ${size}, root ${root}`,
  ]
}

async function decide(play: Play): Promise<readonly string[]> {
  const made = await vm(
    play,
    ...['memory', 'record', 'decision', '--title', 'Use PostgreSQL for payments'],
    ...['--body', 'Payments need transactions, and the team knows PostgreSQL.', '--tag', 'storage'],
  )
  play.decision = textAt(made, 'id')
  const items = listAt(await vm(play, 'memory', 'timeline'))
  return items.map((item) => `${textAt(item, 'kind').padEnd(8)}  ${textAt(item, 'title')}`)
}

async function proveOffline(play: Play): Promise<readonly string[]> {
  const { handed, workspace, away } = play.scene
  await vm(play, 'memory', 'prove', play.decision, '--output', join(handed, proofName))
  await vm(play, 'trust', 'export', '--output', join(handed, policyName))
  await rename(workspace, away)
  const { scene, signal } = play
  play.offline = await isolation({ cwd: handed, env: scene.env, signal })
  const verdict = await verifyOffline(play, proofName, 0)
  return [
    `verified  ${play.offline.words}, with an empty HOME and only the two files`,
    ...listAt(verdict, 'checks').map(checkLine),
  ]
}

/** `vm verify` in a process that has the two files and nothing else: no PATH, no home, no network. */
function verifyOffline(
  { scene, signal, offline }: Play,
  proof: string,
  expected: number,
): ReturnType<typeof runVm> {
  return runVm(['verify', proof, '--policy', policyName], {
    cwd: scene.handed,
    env: { HOME: scene.emptyHome },
    signal,
    expected,
    ...offline,
  })
}

async function tamper(play: Play): Promise<readonly string[]> {
  const { handed } = play.scene
  const lines: string[] = []
  for (const { part, check, bundle } of tamperings(await readFile(join(handed, proofName)))) {
    const folder = await mkdtemp(join(handed, 'tampered-'))
    const file = join(folder, proofName)
    await writeFile(file, bundle)
    const verdict = await verifyOffline(play, file, 3)
    const failed = listAt(verdict, 'checks')
      .filter((each) => textAt(each, 'status') === 'fail')
      .map((each) => textAt(each, 'id'))
    if (!failed.includes(check)) {
      throw new VmError(
        'VM_FAILED',
        `a bundle with ${part} changed was refused by ${failed.join(', ')} and not by ${check}`,
      )
    }
    lines.push(`refused   ${part}: ${check}`)
  }
  return lines
}

/** The steps in their order. */
export const steps: readonly Step[] = [
  { title: 'make a workspace, keys, a log and a time authority', run: init },
  { title: `spawn ${service} from a template`, run: create },
  { title: `install, check, test, start and drain ${service}`, run: test },
  { title: 'record the spawn: sign, timestamp, log', run: remember },
  { title: 'record a decision, and list the timeline', run: decide },
  { title: 'prove the decision; verify the proof without the workspace', run: proveOffline },
  { title: 'tamper with the proof: each change is refused', run: tamper },
]
