/** The files of all golden vectors, each held to its verdict. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { parsePolicy } from '@vaultmesh/merkle/policy'
import { type ForkVerdict, trustIn, verifyForkProof } from '../../src/index.ts'
import { badCases } from './bad.ts'
import { policies, type VectorCase } from './case.ts'
import { goodCases } from './good.ts'

function idsOf({ checks }: ForkVerdict, ...wanted: readonly string[]): string[] {
  return checks.filter(({ status }) => wanted.includes(status)).map(({ id }) => id)
}

async function judge(bytes: Uint8Array, policy: VectorCase['policy']): Promise<ForkVerdict> {
  const parsed = parsePolicy(policies[policy])
  if (!parsed.ok) throw new Error(parsed.detail)
  return verifyForkProof(bytes, trustIn(parsed.policy), { verify: nodeVerifyEd25519 })
}

/** What the index says of a vector: its verdict, which must be the one that the case expects. */
async function describe(
  file: string,
  { name, policy, why, failing }: VectorCase,
  bytes: Uint8Array,
): Promise<object> {
  const verdict = await judge(bytes, policy)
  const { ok, checks, fork, standing } = verdict
  const found = checks.find(({ status }) => status === 'fail' || status === 'untrusted')
  const isExpected = found?.id === failing?.[0] && found?.status === failing?.[1]
  if (!isExpected || ok !== (failing === undefined)) {
    throw new Error(`${name} gives ${JSON.stringify(checks, undefined, 1)}`)
  }
  return {
    file,
    policy: `policies/${policy}.txt`,
    ok,
    failing: idsOf(verdict, 'fail', 'untrusted').map((id) => ({ id, status: found?.status })),
    warned: idsOf(verdict, 'warn'),
    ...(fork && standing
      ? {
          fork: fork.id,
          common: fork.divergence?.size.toString() ?? null,
          witnessed: standing.map(({ witnessed }) => witnessed === true),
        }
      : {}),
    why,
  }
}

/** All files, by their paths below `docs/formats/vectors/fork`. */
export async function vectorFiles(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const [name, text] of Object.entries(policies)) {
    files.set(`policies/${name}.txt`, encodeUtf8(text))
  }
  const index: object[] = []
  for (const vector of [...goodCases, ...badCases]) {
    const folder = vector.failing === undefined ? 'good' : 'bad'
    const file = `${folder}/${vector.name}.vmfork.json`
    if (files.has(file)) throw new Error(`two vectors are called ${vector.name}`)
    const bytes = await vector.make()
    files.set(file, bytes)
    index.push(await describe(file, vector, bytes))
  }
  files.set('index.json', encodeUtf8(`${JSON.stringify(index, undefined, 2)}\n`))
  return files
}
