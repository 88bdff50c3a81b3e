import { appendFile, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  createWitnessStore,
  type FederationConfig,
  readFederationConfig,
  witnessStorePath,
} from '@vaultmesh/federation/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import { addWitnessKey, stateHome, type Workspace } from '@vaultmesh/remembrancer/workspace'
import type { Context, Handler } from '../command.ts'
import type { federationInitArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { configText, nodePaths, openNode, writeNodeConfig } from '../federation-node.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** Mirrors are fetched anew, and are not for git: workspaces that are older may not say so. */
async function ignoreMirrors(folder: string): Promise<void> {
  const path = join(folder, '.gitignore')
  const text = await readFile(path, 'utf8').catch(() => '')
  if (text.split('\n').includes('mirrors/')) return
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}mirrors/\n`)
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** What the configuration was, or a first one. */
async function configBefore(
  path: string,
  { origin, namespace }: Workspace,
  values: { readonly 'new-witness': boolean },
): Promise<FederationConfig> {
  if (values['new-witness']) return readFederationConfig(path)
  if (await isThere(path)) {
    throw new VmError('VM_EXISTS', `this workspace is a node already: ${path}`, {
      hint: 'see it with `vm federation status`; --new-witness replaces the key of its witness',
    })
  }
  return { name: origin.slice(0, -(namespace.length + 1)), share: [origin], peers: [] }
}

/** Makes the key of a witness, and the place where it remembers what it has cosigned. */
async function makeWitness(
  { env }: Context,
  name: string,
  passphrase: string | null,
): Promise<{ readonly vkey: string; undo(): Promise<void> }> {
  const added = await addWitnessKey({ name, passphrase, env })
  const { vkey } = added
  const store = witnessStorePath(stateHome(env), vkey)
  try {
    await createWitnessStore(store)
  } catch (error) {
    await added.undo()
    throw error
  }
  const undo = async (): Promise<void> => {
    await added.undo()
    await rm(store, { force: true })
  }
  return { vkey, undo }
}

/** Describes the node, then puts its configuration in its place, which makes it one. */
async function makeNode(
  context: Context,
  workspace: Workspace,
  config: FederationConfig,
  signers: readonly NoteSigner[],
): Promise<void> {
  const { federation } = await openNode(context, workspace, { config })
  await federation.describe(signers).finally(() => federation.close())
  const { paths } = federation
  await ignoreMirrors(dirname(paths.config))
  await writeNodeConfig(context, paths.config, config)
}

/** `vm federation init` */
export const run: Handler<typeof federationInitArguments> = (context, values) =>
  withWorkspace(context, values['passphrase-file'], async (workspace) => {
    const paths = nodePaths(context, workspace)
    const before = await configBefore(paths.config, workspace, values)
    // The description is signed with the keys of the log: they are there, or nothing is made.
    const place = await workspace.log()
    const signers = await place.signers()
    const named: FederationConfig = {
      ...before,
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(values.url === undefined ? {} : { url: values.url }),
    }
    configText(paths.config, named)
    const name = `${workspace.origin}/witness`
    const witness = await makeWitness(context, name, await chosenPassphrase(context, values))
    const config: FederationConfig = { ...named, witness: { name, vkey: witness.vkey } }
    const isNew = !values['new-witness']
    try {
      await makeNode(context, workspace, config, signers)
    } catch (error) {
      if (isNew) await rm(paths.description, { force: true })
      await witness.undo()
      throw error
    }
    const { log } = place.keys
    const { url = null } = config
    return {
      json: { config: paths.config, keys: { log, witness: witness.vkey }, name: config.name, url },
      text: [
        [toned('good', '\u2713'), ' a node: ', toned('strong', config.name)],
        ...table(
          [
            ['reached at', url ?? 'no URL given'],
            ['log key', log],
            ['witness key', witness.vkey],
            ['configuration', paths.config],
          ],
          '  ',
        ),
      ],
      next: [
        'vm federation join NAME URL   # shows the keys of a peer, which you compare',
        'vm federation witness   # serves this node',
      ],
    }
  })
