import type { Handler } from '../command.ts'
import type { proveArguments } from '../commands/memory.ts'
import { writeNamed } from '../files.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

// Enough of the id to tell the proofs in one folder apart.
const nameDigits = 12

/** `vm memory prove` */
export const run: Handler<typeof proveArguments> = (context, values) =>
  withWorkspace(context, undefined, async (workspace) => {
    const { id, kind, title } = await workspace.show(values.id)
    const bundle = await workspace.prove(id)
    if (values.output === '-') return { json: null, text: [], raw: bundle }
    const digits = id.slice(id.indexOf(':') + 1, id.indexOf(':') + 1 + nameDigits)
    const file = await writeNamed(context, values.output ?? `${digits}.vmproof.json`, bundle)
    return {
      json: { bytes: bundle.length, file, id },
      text: [[toned('good', '\u2713'), ` a proof of the ${kind} "${title}" in ${file}`]],
      next: ['vm trust export', `vm verify ${file} --policy POLICY`],
    }
  })
