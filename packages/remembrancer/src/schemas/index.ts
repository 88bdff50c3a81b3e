/** A JSON Schema per kind, and the check of a statement against it. */
import { type Schema, Validator } from '@cfworker/json-schema'
import { artifactSchema } from './artifact.ts'
import { decisionSchema } from './decision.ts'
import { deploymentSchema } from './deployment.ts'
import { discoverySchema } from './discovery.ts'
import { incidentSchema } from './incident.ts'
import type { RecordKind } from './kinds.ts'
import { noteSchema } from './note.ts'
import { describeProblem } from './problem.ts'
import { routingSchema } from './routing.ts'
import { spawnSchema } from './spawn.ts'

/** The JSON Schema (draft 2020-12) of a whole statement, by kind. */
export const recordSchemas: Readonly<Record<RecordKind, Schema>> = {
  artifact: artifactSchema,
  decision: decisionSchema,
  deployment: deploymentSchema,
  discovery: discoverySchema,
  incident: incidentSchema,
  note: noteSchema,
  routing: routingSchema,
  spawn: spawnSchema,
}

// Kept: a validator looks through its whole schema when it is made.
const validators = new Map<RecordKind, Validator>()

function validatorOf(kind: RecordKind): Validator {
  // This validator interprets the schema: it needs no eval, which a web page's policy may forbid.
  const validator = validators.get(kind) ?? new Validator(recordSchemas[kind], '2020-12')
  validators.set(kind, validator)
  return validator
}

/** The first thing in which a statement differs from the schema of its kind, or undefined. */
export function schemaProblem(kind: RecordKind, statement: unknown): string | undefined {
  const { valid, errors } = validatorOf(kind).validate(statement)
  if (valid) return undefined
  const deepest = errors.at(-1)
  return deepest === undefined
    ? 'does not match the schema'
    : describeProblem(recordSchemas[kind], deepest)
}
