/** A time authority of the user's own, as it is shown. */
import { join } from 'node:path'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { OwnAuthority } from '@vaultmesh/remembrancer/workspace'
import { summarizeCertificate } from '@vaultmesh/tsp'
import type { Json } from './command.ts'
import { type Line, table } from './text.ts'

/** The public parts of an authority for people and for `--json`. */
export async function shownAuthority(
  authority: OwnAuthority,
): Promise<{ readonly json: { readonly [name: string]: Json }; readonly text: readonly Line[] }> {
  const [leaf, root] = await Promise.all(
    [authority.certificate, authority.anchor].map((der) => summarizeCertificate(der)),
  )
  const anchor = join(authority.folder, 'anchor.pem')
  const pins = {
    anchor: root === undefined ? null : encodeHex(root.pin),
    leaf: leaf === undefined ? null : encodeHex(leaf.pin),
  }
  const { name, policy = null, accuracy = null } = authority
  return {
    json: {
      accuracy,
      anchor,
      name,
      notAfter: leaf?.notAfter.toISOString() ?? null,
      notBefore: leaf?.notBefore.toISOString() ?? null,
      pins,
      policy,
      subject: leaf?.subject ?? null,
    },
    text: table(
      [
        ['subject', leaf?.subject ?? ''],
        ['valid', `${leaf?.notBefore.toISOString()} to ${leaf?.notAfter.toISOString()}`],
        ['policy', policy ?? 'any'],
        ['accuracy', accuracy === null ? 'not stated' : `${accuracy} s`],
        ['anchor', anchor],
        ['anchor key', pins.anchor ?? ''],
        ['leaf key', pins.leaf ?? ''],
      ],
      '  ',
    ),
  }
}
