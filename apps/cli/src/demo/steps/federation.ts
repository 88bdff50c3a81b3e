import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../command.ts'
import { VmError } from '../../errors.ts'
import { listAt, textAt } from '../answers.ts'
import { checkLine, known, type Play, type Step, vmOf, whileServingOf } from '../play.ts'
import { copyParty, makeParty, type Party } from '../scene.ts'
import { verifyAsStranger } from '../stranger.ts'

/** Two organisations: the second mirrors and cosigns the log of the first, and catches its fork. */
export const federation: Step = {
  title: 'a second organisation mirrors and cosigns; a fork is caught and proven',
  needs: ['decide'],
  async run(play) {
    const acme = play.scene.first
    const globex = await makeParty(play.scene, 'globex')
    await vmOf(play, globex, ['init', '--namespace', 'ledger', '--origin', 'globex.example/vm'])
    const keys = {
      log: textAt(await vmOf(play, acme, ['federation', 'init']), 'keys', 'log'),
      witness: textAt(await vmOf(play, globex, ['federation', 'init']), 'keys', 'witness'),
    }
    const cast: Cast = { play, acme, globex, keys }
    const thief = await copyParty(play.scene, acme, 'thief')
    const lines: string[] = []
    await whileServingOf(play, acme, serve, async (url) => {
      lines.push(...(await joinNode(cast, url)), ...(await cosign(cast)))
    })
    await whileServingOf(play, thief, serve, async (url) => {
      lines.push(...(await catchFork(cast, thief, url)))
    })
    return [...lines, ...(await proveFork(cast)), await trusted(cast)]
  },
}

/** Who takes part, and the keys that they have given each other. */
interface Cast {
  readonly play: Play
  readonly acme: Party
  readonly globex: Party
  readonly keys: { readonly log: string; readonly witness: string }
}

const serve = ['federation', 'witness', '--port', '0']
const policyName = 'witnessed-policy.json'
const forkName = 'payments.vmfork.json'

/** The second organisation mirrors the first, and believes only what its own witness has cosigned. */
async function joinNode(cast: Cast, url: string): Promise<readonly string[]> {
  const { play, acme, globex, keys } = cast
  const policy = join(globex.workspace, 'acme-policy.json')
  const words = ['federation', 'join', 'acme', url]
  await vmOf(play, globex, words, { expected: 7 })
  await vmOf(play, acme, ['trust', 'export', '--output', policy])
  const quorum = `witness globex ${keys.witness}\\nquorum globex\\n`
  await writeFile(
    policy,
    (await readFile(policy, 'utf8')).replace('quorum none\\n', () => quorum),
  )
  const joined = await vmOf(play, globex, [...words, '--policy', policy])
  return [
    'refused   to join without a key: nothing is believed because a peer says it',
    ...listAt(joined, 'logs').map((log) => `joined    ${textAt(log, 'origin')}, with a quorum`),
  ]
}

/** The first organisation has its log witnessed; what it records next carries the cosignature. */
async function cosign({ play, acme, globex, keys }: Cast): Promise<readonly string[]> {
  const named = ['globex', '--witness-key', keys.witness]
  await whileServingOf(play, globex, serve, async (url) => {
    await vmOf(play, acme, ['federation', 'join', ...named.toSpliced(1, 0, url)])
    await note(play, acme, 'What happened')
  })
  const log = join(acme.workspace, '.vaultmesh', 'logs', known(play, 'namespace'))
  const checkpoint = (await readFile(join(log, 'checkpoint'), 'utf8')).split('\n')
  const [witness] = keys.witness.split('+', 1)
  const cosignature = checkpoint.find((line) => line.startsWith(`\u2014 ${witness} `))
  if (cosignature === undefined) throw new VmError('VM_FAILED', 'the checkpoint is not cosigned')
  const policy = join(play.scene.handed, policyName)
  await vmOf(play, acme, ['trust', 'export', '--output', policy])
  return [
    `cosigned  size ${checkpoint[1]}: ${cosignature.slice(0, 60)}\u2026`,
    ...syncLines('mirrored', await vmOf(play, globex, ['federation', 'sync'])),
  ]
}

/** Whoever has the log's keys and state appends another history, and shows it around. */
async function catchFork(cast: Cast, thief: Party, url: string): Promise<readonly string[]> {
  const { play, globex, keys } = cast
  await note(play, thief, 'What did not happen')
  const words = ['federation', 'join', 'elsewhere', url, '--log-key', keys.log]
  await vmOf(play, globex, words)
  const sync = ['federation', 'sync', 'elsewhere']
  const found = await vmOf(play, globex, sync, { expected: 3 })
  return [
    'forked    a copy with keys and state has recorded something else',
    ...syncLines('caught', found),
  ]
}

/** The proof, checked by somebody who has it and the policy. */
async function proveFork({ play, globex }: Cast): Promise<readonly string[]> {
  const file = join(play.scene.handed, forkName)
  await vmOf(play, globex, ['federation', 'evidence', '--output', file])
  const verdict = await verifyAsStranger(play, forkName, policyName)
  return listAt(verdict, 'checks').map(checkLine)
}

async function trusted({ play, globex, keys }: Cast): Promise<string> {
  const status = await vmOf(play, globex, ['federation', 'status'])
  const [origin] = keys.log.split('+', 1)
  const log = listAt(status, 'logs').find((each) => textAt(each, 'origin') === origin) ?? null
  const [size, kept] = [textAt(log, 'trustedSize'), textAt(log, 'size')]
  if (size !== kept) throw new VmError('VM_FAILED', `only ${size} of ${kept} entries are trusted`)
  return `trusted   all ${size} entries that the quorum has cosigned, and nothing of the other history`
}

async function note(play: Play, party: Party, title: string): Promise<void> {
  await vmOf(play, party, ['memory', 'record', 'note', '--title', title, '--body', title])
}

/** What came of each log in a sync. */
function syncLines(label: string, peers: Json): readonly string[] {
  return listAt(peers)
    .flatMap((peer) => listAt(peer, 'logs'))
    .map((log) => {
      const words = `${textAt(log, 'origin')} ${textAt(log, 'status')}, size ${textAt(log, 'size')}`
      return `${label.padEnd(8)}  ${words}`
    })
}
