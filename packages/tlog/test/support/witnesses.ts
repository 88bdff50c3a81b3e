/** Witnesses on this machine. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import {
  addCheckpoint,
  cosignCheckpoint,
  formatWitnessSize,
  openAddCheckpoint,
  parseAddCheckpoint,
  type WitnessState,
  witnessSizeType,
} from '@vaultmesh/merkle/witness'
import { listening } from '@vaultmesh/testing'
import { identity } from './published.ts'

/** The URL of a port that nobody listens on any more. */
export async function closedPort(): Promise<string> {
  const server = createServer()
  const open = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', open.resolve)
  await open.promise
  const { port } = server.address() as AddressInfo
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await closed.promise
  return `http://127.0.0.1:${port}/`
}

/** A witness that runs. */
export interface TestWitness {
  readonly name: string
  readonly vkey: string
  readonly url: string
  /** What it cosigned last; a test may set it. */
  state: WitnessState | undefined
  /** Whether it answers nobody. */
  isDown: boolean
  /** The old sizes that it was asked with. */
  readonly asked: bigint[]
}

/** The key of a witness, as signer and vkey. */
export function witnessKey(name: string): NoteSigner & { readonly vkey: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return ed25519Cosigner({ name, signer: ed25519Signer(privateKey), now: () => 1_700_000_000n })
}

async function bodyOf(request: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A witness of the log of `publishedLog`, in memory, by the rules of tlog-witness. */
export async function testWitness(name: string): Promise<TestWitness> {
  const key = witnessKey(name)
  const asked: bigint[] = []
  const url = await listening(async (request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type }).end(text)
    }
    if (running.isDown) return answer(503, 'text/plain', 'back soon')
    const parsed = parseAddCheckpoint(await bodyOf(request))
    if (!parsed.ok) return answer(400, 'text/plain', parsed.detail)
    asked.push(parsed.request.oldSize)
    const opened = await openAddCheckpoint(parsed.request, (origin) =>
      origin === identity.origin ? identity.verifiers : undefined,
    )
    if (!opened.ok) return answer(opened.status, 'text/plain', opened.detail)
    const decision = addCheckpoint(running.state, opened)
    if (!decision.ok && decision.status === 409) {
      return answer(409, witnessSizeType, formatWitnessSize(decision.size))
    }
    if (!decision.ok) return answer(decision.status, 'text/plain', decision.detail)
    running.state = decision.next
    return answer(200, 'text/plain', (await cosignCheckpoint(opened, [key])).body)
  })
  const running: TestWitness = { name, vkey: key.vkey, url, state: undefined, isDown: false, asked }
  return running
}
