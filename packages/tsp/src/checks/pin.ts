import { equalBytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import { digestBytes } from '../digest.ts'
import type { TimeAuthority } from '../verdict.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** Where the caller pinned keys of the authority, the signer's key is one of them. */
export const pinCheck: RunnableCheck = defineCheck({
  id: 'token.pin',
  reference: "the caller's policy, RFC 7469 §2.4",
  needs: ['chosen', 'leaf'],
  async judge({ chosen: { authority }, leaf }) {
    if (authority.pins.length === 0) return pass(`${authority.name} has no pins`)
    return (await isPinned(authority, leaf))
      ? pass(`pinned for ${authority.name}`)
      : fail(`the signer's key is not pinned for ${authority.name}`)
  },
})

/** Whether the authority accepts this leaf key: pinned, or no pins at all. */
export async function isPinned(authority: TimeAuthority, leaf: Certificate): Promise<boolean> {
  if (authority.pins.length === 0) return true
  const actual = await digestBytes('SHA-256', leaf.spki.raw)
  return authority.pins.some((pin) => equalBytes(pin, actual))
}
