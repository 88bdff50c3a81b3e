/** The checks, for somebody who has read none of the formats. */
import type { ForkCheckId } from '@vaultmesh/federation'
import type { BodyCheck, CheckId, CheckStatus } from '@vaultmesh/remembrancer/verify'

/** A check that the page can show: of a bundle, of a body beside it, or of a fork proof. */
export type ExplainedId = CheckId | BodyCheck['id'] | ForkCheckId

/** A check in plain words. */
export interface Explanation {
  /** What it is about. */
  readonly title: string
  /** What is so where it holds. */
  readonly holds: string
  /** What may be so where it does not. */
  readonly otherwise: string
}

/** What a status is called, and what it says; `docs/formats/verification.md` has the exact terms. */
export const statusWords: Readonly<Record<CheckStatus, { word: string; meaning: string }>> = {
  pass: { word: 'holds', meaning: 'it holds' },
  warn: { word: 'weak', meaning: 'it does not hold, and your policy does not ask for it' },
  fail: { word: 'fails', meaning: 'the evidence is there and is wrong' },
  missing: { word: 'missing', meaning: 'your policy asks for evidence that is not there' },
  untrusted: {
    word: 'not trusted',
    meaning: 'the evidence may be right, and your policy does not trust who made it',
  },
  skipped: { word: 'not judged', meaning: 'an earlier check, which this one needs, does not hold' },
}

/** Every check, in words. */
export const explanations: Readonly<Record<ExplainedId, Explanation>> = {
  'bundle.format': {
    title: 'The file is a proof',
    holds: 'The file is written in the one way that its format allows: all readers see the same.',
    otherwise: 'The file is damaged, was edited, or is something else than a proof.',
  },
  'entry.format': {
    title: 'The log entry can be read',
    holds: 'What stands in the log is written in the one way that its format allows.',
    otherwise: 'Two readers could see two different entries in the same bytes.',
  },
  'record.format': {
    title: 'The record can be read',
    holds: 'What was signed is a complete record of a known kind, with one reading only.',
    otherwise: 'What was signed is no record that this version can judge.',
  },
  'record.body': {
    title: 'The text belongs to the record',
    holds: 'Where a text stands in the record, it is the one that was signed.',
    otherwise: 'The text that is shown is not the text that was signed.',
  },
  'signature.key': {
    title: 'You trust who signed',
    holds: 'Enough of the signatures name keys that your policy trusts for such records.',
    otherwise: 'It is signed by people whom your policy does not know. Anyone can sign anything.',
  },
  'signature.valid': {
    title: 'The signatures are real',
    holds: 'The keys that your policy trusts did sign exactly this record.',
    otherwise: 'The record was changed after it was signed, or a signature is forged.',
  },
  'time.token': {
    title: 'The time is attested',
    holds: 'Time authorities that your policy trusts stamped the signatures, as far as it asks.',
    otherwise: 'When it was signed is a claim of the signer only, or a stamp is forged.',
  },
  'time.independent': {
    title: 'The time is attested by somebody else',
    holds: 'One of the time authorities does not belong to the owner of the log.',
    otherwise: 'The owner of the log runs the only clock, and could have set it back.',
  },
  'signature.window': {
    title: 'The key was good at that time',
    holds: 'At the attested time, each key was one that your policy trusted.',
    otherwise: 'The key had ended or had not begun then; it may have been in other hands.',
  },
  'log.origin': {
    title: 'It is in a log that you know',
    holds: 'Your policy says that such records belong into this log.',
    otherwise: 'It is in a log that your policy does not know, or not for such records.',
  },
  'log.checkpoint': {
    title: 'The log signed its contents',
    holds: 'The log put its name to a summary of everything in it, at a certain size.',
    otherwise: 'The log never said so, or the summary was changed.',
  },
  'log.inclusion': {
    title: 'The record is in the log',
    holds: 'The entry is part of what the log put its name to, at the place that is stated.',
    otherwise: 'The record is not in the log, or not at this place.',
  },
  'log.witnessed': {
    title: 'Others saw the same log',
    holds: 'Enough independent witnesses have signed that they saw this very log.',
    otherwise: 'The owner of the log could be showing others a different one.',
  },
  'record.after': {
    title: 'The order of events is possible',
    holds: 'The record does not claim to have seen a later state of its own log.',
    otherwise: 'The record claims to know its own future.',
  },
  'body.file': {
    title: 'The body is the one of the record',
    holds: 'The file that you added has the digest that the signed record names.',
    otherwise: 'The file that you added is not what was signed.',
  },
  'fork.format': {
    title: 'The file is a fork proof',
    holds: 'The file is written in the one way that its format allows: all readers see the same.',
    otherwise: 'The file is damaged, was edited, or is something else than a fork proof.',
  },
  'fork.origin': {
    title: 'It is about a log that you know',
    holds: 'Your policy names the keys of this log.',
    otherwise: 'Your policy does not know this log, so anybody could have signed both sides.',
  },
  'fork.signatures': {
    title: 'The log signed both sides',
    holds: 'A key of the log put its name to each of the two summaries.',
    otherwise: 'One of the two is not by the log: it has not contradicted itself.',
  },
  'fork.contradiction': {
    title: 'The two can not both be true',
    holds: 'A log only grows, and neither of the two can have grown into the other.',
    otherwise: 'The two can belong to one honest log.',
  },
  'fork.divergence': {
    title: 'It shows where they part',
    holds: 'Everything before the stated entry is common to both, and that entry is not.',
    otherwise: 'Where exactly the two histories part is not shown, or is stated wrongly.',
  },
  'fork.witnessed': {
    title: 'What the witnesses of the log saw',
    holds: 'Enough witnesses vouched for one of the two at most: that one still counts.',
    otherwise: 'Witnesses do not tell which of the two counts, so neither does.',
  },
}
