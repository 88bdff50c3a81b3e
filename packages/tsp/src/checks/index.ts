/** The checks, in the order in which they are run. */
import { accuracyCheck } from './accuracy.ts'
import { anchorCheck } from './anchor.ts'
import { authorityWindowCheck } from './authority-window.ts'
import type { RunnableCheck } from './check.ts'
import { contentInfoCheck } from './content-info.ts'
import { contentTypeCheck } from './content-type.ts'
import { contentTypeAttributeCheck } from './content-type-attribute.ts'
import { definiteLengthCheck } from './definite-length.ts'
import { derCheck } from './der.ts'
import { digestAlgorithmCheck } from './digest-algorithm.ts'
import { extendedKeyUsageCheck } from './extended-key-usage.ts'
import { extensionsCheck } from './extensions.ts'
import { genTimeCheck } from './gen-time.ts'
import { imprintCheck } from './imprint.ts'
import { inTimeCheck } from './in-time.ts'
import { keyUsageCheck } from './key-usage.ts'
import { leafCheck } from './leaf.ts'
import { messageDigestCheck } from './message-digest.ts'
import { nonceCheck } from './nonce.ts'
import { pathCheck } from './path.ts'
import { pinCheck } from './pin.ts'
import { policyCheck } from './policy.ts'
import { revocationCheck } from './revocation.ts'
import { roleCheck } from './role.ts'
import { signatureCheck } from './signature.ts'
import { signatureAlgorithmCheck } from './signature-algorithm.ts'
import { signedAttributesCheck } from './signed-attributes.ts'
import { signedDataCheck } from './signed-data.ts'
import { signerCertificateCheck } from './signer-certificate.ts'
import { signerInfoCheck } from './signer-info.ts'
import { signingCertificateCheck } from './signing-certificate.ts'
import { sizeCheck } from './size.ts'
import { tsaNameCheck } from './tsa-name.ts'
import { tstInfoCheck } from './tst-info.ts'

/** Every check, in the order of `timestampCheckIds`. A check comes after those that it needs. */
export const checks: readonly RunnableCheck[] = [
  sizeCheck,
  definiteLengthCheck,
  derCheck,
  contentInfoCheck,
  signedDataCheck,
  contentTypeCheck,
  signerInfoCheck,
  digestAlgorithmCheck,
  signedAttributesCheck,
  contentTypeAttributeCheck,
  messageDigestCheck,
  signerCertificateCheck,
  signatureAlgorithmCheck,
  signatureCheck,
  signingCertificateCheck,
  leafCheck,
  extendedKeyUsageCheck,
  keyUsageCheck,
  tstInfoCheck,
  extensionsCheck,
  imprintCheck,
  genTimeCheck,
  accuracyCheck,
  nonceCheck,
  policyCheck,
  tsaNameCheck,
  anchorCheck,
  pathCheck,
  inTimeCheck,
  revocationCheck,
  authorityWindowCheck,
  roleCheck,
  pinCheck,
]
