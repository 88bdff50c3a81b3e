import type { CheckId } from './check.ts'

/** The standard or page that each check follows. */
export const references: Readonly<Record<CheckId, string>> = {
  'bundle.format': 'docs/formats/bundle.md; RFC 8785; c2sp.org/tlog-proof',
  'entry.format': 'docs/formats/entry.md; RFC 8785; DSSE v1',
  'record.format': 'docs/formats/record.md; in-toto Statement v1',
  'record.body': 'docs/formats/record.md, "Body"',
  'signature.key': 'docs/formats/policy.md, "keys"',
  'signature.valid': 'DSSE v1; RFC 8032; RFC 9580',
  'time.token': 'RFC 3161; RFC 5652; RFC 5816',
  'time.independent': 'docs/formats/policy.md, "timeAuthorities"',
  'signature.window': 'docs/formats/policy.md, "keys"',
  'log.origin': 'docs/formats/log.md',
  'log.checkpoint': 'c2sp.org/tlog-checkpoint; c2sp.org/signed-note',
  'log.inclusion': 'RFC 6962 section 2.1.1',
  'log.witnessed': 'c2sp.org/tlog-cosignature; c2sp.org/tlog-policy',
  'record.after': 'docs/formats/record.md, "after"',
}
