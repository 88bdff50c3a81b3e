/** Nodes of several organisations on this machine, over loopback. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import { type Cosign, createLog, type Log } from '@vaultmesh/tlog'
import fastify, { type FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { federation } from '../../src/fastify.ts'
import {
  createWitnessStore,
  encodeFederationConfig,
  type Federation,
  type FederationConfig,
  federationPaths,
  type OwnLog,
  openFederation,
  witnessStorePath,
} from '../../src/node.ts'
import { logSigner, type TestSigner } from '../kit/keys.ts'
import { policyFrom } from './map-log.ts'

/** A log on the disk, with its writer. */
export interface WrittenLog {
  readonly log: Log
  readonly own: OwnLog
  readonly signer: TestSigner
  readonly policyText: string
  /** Adds entries up to `size`, and publishes. */
  grow(size: number): Promise<void>
}

/** How a log is written. */
export interface WriteOptions {
  readonly directory: string
  readonly origin: string
  /** The lines of a policy besides that of the log. */
  readonly policyLines?: string
  readonly cosign?: Cosign
  /** Entries from this index on say so: two logs of one origin can be two histories. */
  readonly branch?: { readonly at: number; readonly name: string }
}

export async function writeLog(options: WriteOptions): Promise<WrittenLog> {
  const { directory, origin, policyLines = 'quorum none\n', cosign, branch } = options
  const signer = logSigner(origin)
  const stateDirectory = `${directory}-state`
  mkdirSync(stateDirectory, { recursive: true })
  const log = await createLog({
    directory,
    stateDirectory,
    origin,
    signers: [signer],
    verifiers: [nodeEd25519NoteVerifier(signer.vkey)],
    lockTimeoutMs: 0,
    ...(cosign === undefined ? {} : { cosign }),
  })
  onTestFinished(() => log.close())
  const policyText = `log ${signer.vkey}\n${policyLines}`
  const entry = (index: number): Buffer =>
    Buffer.from(
      branch !== undefined && index >= branch.at
        ? `${branch.name} ${index}`
        : `entry ${index} of ${origin}`,
    )
  let next = 0
  const grow = async (size: number): Promise<void> => {
    const added = []
    for (; next < size; next += 1) added.push(log.add(entry(next)))
    await Promise.all(added.map(async (adding) => (await adding).published))
  }
  return {
    log,
    own: { origin, directory, policy: policyFrom(policyText) },
    signer,
    policyText,
    grow,
  }
}

/** An organisation's node. */
export interface TestNode {
  readonly root: string
  readonly stateHome: string
  readonly federation: Federation
}

/** What a node is made of. */
export interface NodeShape {
  /** A folder of its own. */
  readonly root: string
  readonly config: FederationConfig
  readonly ownLogs?: readonly OwnLog[]
  readonly witness?: readonly NoteSigner[]
  readonly clock?: () => Date
}

/** Opens a node from its configuration on the disk. */
export async function openNode(shape: NodeShape): Promise<TestNode> {
  const {
    root,
    config,
    ownLogs = [],
    witness = [],
    clock = () => new Date(1_700_000_000_000),
  } = shape
  const stateHome = join(root, 'state')
  const paths = federationPaths(root, stateHome)
  mkdirSync(dirname(paths.config), { recursive: true })
  writeFileSync(paths.config, encodeFederationConfig(config))
  const vkey = config.witness?.vkey
  if (vkey !== undefined && witness.length > 0) {
    await createWitnessStore(witnessStorePath(stateHome, vkey)).catch((error: unknown) => {
      if (!String(error).includes('there is a witness')) throw error
    })
  }
  const opened = await openFederation({
    workspaceRoot: root,
    stateHome,
    ownLogs,
    witnessSigners: witness,
    clock,
  })
  onTestFinished(() => opened.close())
  return { root, stateHome, federation: opened }
}

/** A node that listens. */
export interface Serving {
  readonly app: FastifyInstance
  readonly url: string
  /** The method, path and status of each request. */
  readonly asked: string[]
}

/** Serves a node on a port of 127.0.0.1 until the test ends. */
export async function serve(node: Federation): Promise<Serving> {
  const app = fastify({ forceCloseConnections: true })
  const asked: string[] = []
  app.addHook('onResponse', async ({ method, url }, { statusCode }) => {
    asked.push(`${method} ${url} ${statusCode}`)
  })
  await app.register(federation, { federation: node })
  onTestFinished(() => app.close())
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/`
  return { app, url, asked }
}
