/** How a team chooses: what it refuses, and what it prefers. */
import {
  attempt,
  optional,
  type Parsed,
  readArray,
  readFlag,
  readInteger,
  readNumber,
  readObject,
  readText,
  refuse,
} from '../reading.ts'
import { readYaml } from '../yaml.ts'

/** What is weighed. */
export const criteria = ['price', 'latency', 'reputation', 'free'] as const

/** One of the things that are weighed. */
export type Criterion = (typeof criteria)[number]

/** A whole number for each criterion: weights, or utilities in millionths. */
export type PerCriterion = { readonly [C in Criterion]: number }

/** A policy. A limit that is left out does not apply; a limit of 0 does. */
export interface Policy {
  /** A name for this state of the policy, chosen by its maker. */
  readonly version: string
  /** Whole numbers from 0 to 1,000,000, not all 0. Only their proportions count. */
  readonly weights: PerCriterion
  /** The latency at which an offer is worth nothing for its latency, above 0. */
  readonly latencySloMs: number
  /** Below this an offer is refused, and at it worth nothing for its reputation. */
  readonly minReputation: number
  /** The most that an instance may cost in an hour, whatever a request says. */
  readonly maxPriceMicroUsd?: number
  /** The oldest that prices may be, in milliseconds. */
  readonly maxAgeMs?: number
  /** Providers that are never chosen. */
  readonly deny?: readonly string[]
  /** Whether requests may take spot offers at all; they may, where left out. */
  readonly spot?: boolean
}

/** The policy where none is given. */
export const defaultPolicy: Policy = {
  version: 'default',
  weights: { price: 50, latency: 20, reputation: 20, free: 10 },
  latencySloMs: 500,
  minReputation: 0,
}

const largest = Number.MAX_SAFE_INTEGER

function readWeights(value: unknown): PerCriterion {
  const raw = readObject(value, 'weights', criteria)
  const weight = (name: Criterion): number =>
    readInteger(raw[name] ?? 0, `weights.${name}`, 0, 1_000_000)
  const weights = {
    price: weight('price'),
    latency: weight('latency'),
    reputation: weight('reputation'),
    free: weight('free'),
  }
  if (criteria.every((each) => weights[each] === 0)) refuse('weights', 'are all 0')
  return weights
}

/** Reads a policy from a JSON value of any origin. Never throws. */
export function parsePolicy(value: unknown): Parsed<Policy> {
  return attempt(() => readPolicy(value))
}

/** Reads a policy from the bytes of a YAML document. Never throws. */
export function policyFromYaml(bytes: Uint8Array): Parsed<Policy> {
  return attempt(() => readPolicy(readYaml(bytes, 64 * 1024)))
}

function readPolicy(value: unknown): Policy {
  const raw = readObject(value, '', [
    'version',
    'weights',
    'latencySloMs',
    'minReputation',
    'maxPriceMicroUsd',
    'maxAgeMs',
    'deny',
    'spot',
  ])
  const maxPriceMicroUsd = optional(raw.maxPriceMicroUsd, (it) =>
    readInteger(it, 'maxPriceMicroUsd', 0, largest),
  )
  const maxAgeMs = optional(raw.maxAgeMs, (it) => readInteger(it, 'maxAgeMs', 0, largest))
  const deny = optional(raw.deny, (it) =>
    readArray(it, 'deny', 1000).map((each, at) => readText(each, `deny[${at}]`, 100)),
  )
  const spot = optional(raw.spot, (it) => readFlag(it, 'spot'))
  return {
    version: readText(raw.version, 'version', 200),
    weights: readWeights(raw.weights),
    latencySloMs: readNumber(raw.latencySloMs, 'latencySloMs', 1e-6, 1e9),
    minReputation: readNumber(raw.minReputation, 'minReputation', 0, 100),
    ...(maxPriceMicroUsd === undefined ? {} : { maxPriceMicroUsd }),
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    ...(deny === undefined ? {} : { deny }),
    ...(spot === undefined ? {} : { spot }),
  }
}
