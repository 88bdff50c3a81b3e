import type { Handler } from '../command.ts'
import type { trustExportArguments } from '../commands/prove.ts'
import { writeNamed } from '../files.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm trust export` */
export const run: Handler<typeof trustExportArguments> = (context, { output }) =>
  withWorkspace(context, undefined, async (workspace) => {
    const policy = await workspace.exportPolicy()
    if (output === '-') return { json: null, text: [], raw: policy }
    const file = await writeNamed(context, output ?? `${workspace.namespace}.vmpolicy.json`, policy)
    return {
      json: { bytes: policy.length, file, namespace: workspace.namespace },
      text: [[toned('good', '\u2713'), ` the trust policy in ${file}`]],
      next: ['hand it over on a way that the receiver trusts: it says whom to believe'],
    }
  })
