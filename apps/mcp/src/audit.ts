/** How the log of a workspace stands, as far as it shows without a secret key and a lock. */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { evaluateCheckpoint } from '@vaultmesh/merkle/policy'
import type { LogPlace } from '@vaultmesh/remembrancer/workspace'
import { type Head, inspectLog, openLogReader } from '@vaultmesh/tlog'
import { checkpointUri } from './checkpoint.ts'
import type { McpDependencies } from './dependencies.ts'
import { explained } from './errors.ts'

/** What was looked at, and how it was found. */
interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
}

/** How a log stands. */
export interface Audit {
  readonly namespace: string
  readonly origin: string
  readonly head?: { readonly size: string; readonly root: string; readonly checkpoint: string }
  readonly witnesses: {
    readonly required: string[]
    readonly cosigned: string[]
    readonly quorum: boolean
  }
  readonly newest?: {
    readonly id: string
    readonly attestedAt?: string
    readonly verified: boolean
  }
  readonly agents: string[]
  readonly findings: Finding[]
}

/** Does one look, and says what came of it; a failure is a finding. */
async function looked<T>(
  name: string,
  findings: Finding[],
  onerror: McpDependencies['onerror'],
  look: () => Promise<readonly [value: T, finding: Omit<Finding, 'name'>]>,
): Promise<T | undefined> {
  try {
    const [value, finding] = await look()
    findings.push({ name, ...finding })
    return value
  } catch (error) {
    onerror?.(error)
    const { code } = explained(error)
    findings.push({ name, status: 'fail', detail: `${code}; vm doctor says more` })
    return undefined
  }
}

async function witnessesOf(place: LogPlace, head: Head): Promise<Audit['witnesses']> {
  const { witnesses: policy } = place
  if (policy === undefined) return { required: [], cosigned: [], quorum: false }
  const { cosigners, witnessed } = await evaluateCheckpoint(
    head.checkpoint,
    policy,
    nodeVerifyEd25519,
  )
  const required = policy.witnesses.map(({ name }) => name)
  return { required, cosigned: [...cosigners], quorum: witnessed && required.length > 0 }
}

/** How the log of a workspace stands. */
export async function auditOf({ memory, onerror }: McpDependencies): Promise<Audit> {
  const findings: Finding[] = []
  const place = await memory.log()
  const head = await looked('checkpoint', findings, onerror, async () => {
    const found = await (await openLogReader(place)).head()
    return [found, { status: 'ok', detail: `signed, ${found.size} entries` }]
  })
  await looked('log state', findings, onerror, async () => {
    const { signed, isUnderWay } = await inspectLog(place)
    const more = isUnderWay ? ', and a batch that the next record ends or another writer has' : ''
    return [undefined, { status: 'ok', detail: `${signed} entries${more}` }]
  })
  const newest = await looked('newest memory', findings, onerror, async () => {
    const [item] = await memory.search('', { limit: 1 })
    if (item === undefined) return [undefined, { status: 'ok', detail: 'there is none yet' }]
    const { id, attestedAt, verified } = await memory.show(item.id)
    const shown = { id, verified, ...(attestedAt === undefined ? {} : { attestedAt }) }
    return verified
      ? [shown, { status: 'ok', detail: 'its proof holds' }]
      : [shown, { status: 'fail', detail: 'its proof does not hold; vm doctor says more' }]
  })
  const witnesses = head === undefined ? undefined : await witnessesOf(place, head)
  if (witnesses !== undefined && !witnesses.quorum) {
    findings.push({
      name: 'witnesses',
      status: 'warn',
      detail: 'no quorum cosigned this head: the owner of this log could show others another one',
    })
  }
  return {
    namespace: memory.namespace,
    origin: memory.origin,
    ...(head === undefined
      ? {}
      : {
          head: {
            size: head.size.toString(),
            root: encodeHex(head.root),
            checkpoint: checkpointUri(memory.origin),
          },
        }),
    witnesses: witnesses ?? { required: [], cosigned: [], quorum: false },
    ...(newest === undefined ? {} : { newest }),
    agents: (await memory.agents()).map(({ name }) => name),
    findings,
  }
}
