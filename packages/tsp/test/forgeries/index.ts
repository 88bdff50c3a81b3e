/**
 * Forged tokens: each breaks one rule, and one check alone refuses it. Their keys are new in every
 * process; to compare verifiers, write `der`, `options.data` and the anchors to files.
 */
import type { TimestampCheckId, VerifyOptions } from '../../src/verdict.ts'
import { data, root, trust } from '../forge.ts'
import { contentForgeries } from './content.ts'
import { encodingForgeries } from './encoding.ts'
import { leafForgeries } from './leaf.ts'
import { signatureForgeries } from './signature.ts'
import { signedDataForgeries } from './signed-data.ts'
import { trustForgeries } from './trust.ts'

export interface Forgery {
  /** What is wrong with it; no two have the same. */
  readonly name: string
  /** The one check that refuses it. */
  readonly check: TimestampCheckId
  /** The token, or what stands in its place, and what it is verified with. */
  make(): { readonly der: Uint8Array; readonly options: VerifyOptions }
}

export const forgeries: readonly Forgery[] = [
  ...encodingForgeries,
  ...signedDataForgeries,
  ...signatureForgeries,
  ...leafForgeries,
  ...contentForgeries,
  ...trustForgeries,
].map(([name, check, make]) => ({
  name,
  check,
  make() {
    const made = make()
    const [der, change] = made instanceof Uint8Array ? [made, {}] : made
    return { der, options: { data, authorities: [trust(root)], ...change } }
  },
}))
