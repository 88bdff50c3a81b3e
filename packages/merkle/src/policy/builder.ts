/** Collects the definitions of a policy and holds them to the format's rules. */
import { encodeHex } from '../bytes.ts'
import { isAcceptablePublicKey } from '../ed25519.ts'
import { parseVkey, signatureTypes } from '../note/vkey.ts'
import {
  noQuorum,
  type PolicyFailure,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  type TlogPolicy,
} from './types.ts'

/** What is wrong with a definition. */
export type PolicyProblem = Omit<PolicyFailure, 'ok'>

function problem(code: PolicyProblem['code'], detail: string): PolicyProblem {
  return { code, detail }
}

function withUrl<T extends object>(definition: T, url: string | undefined): T & { url?: string } {
  return url === undefined ? definition : { ...definition, url }
}

/** The number of members that a group asks for, or undefined. */
function thresholdOf(text: string | undefined, count: number): number | undefined {
  if (text === 'any') return 1
  if (text === 'all') return count
  const number = /^[1-9][0-9]{0,8}$/.test(text ?? '') ? Number(text) : 0
  return number >= 1 && number <= count ? number : undefined
}

/** A policy in the making. Every method but `finish` gives what is wrong, or undefined. */
export class PolicyBuilder {
  readonly #logs: PolicyLog[] = []
  readonly #witnesses: PolicyWitness[] = []
  readonly #groups: PolicyGroup[] = []
  readonly #keys = new Set<string>()
  /** The id and name that a signature line of each key carries. */
  readonly #lines = new Set<string>()
  readonly #names = new Set<string>([noQuorum])
  readonly #members = new Set<string>()
  #quorum: string | undefined

  /** Takes a line apart by its first item. */
  add(items: readonly string[]): PolicyProblem | undefined {
    const [keyword, ...rest] = items
    switch (keyword) {
      case 'log':
        return this.#log(rest)
      case 'witness':
        return this.#witness(rest)
      case 'group':
        return this.#group(rest)
      case 'quorum':
        return this.#setQuorum(rest)
      default:
        return problem(
          'MALFORMED',
          `${JSON.stringify(keyword)} is not log, witness, group or quorum`,
        )
    }
  }

  /** The policy, or what it lacks. */
  finish(): { ok: true; policy: TlogPolicy } | PolicyFailure {
    const quorum = this.#quorum
    if (quorum === undefined) {
      return {
        ok: false,
        code: 'QUORUM',
        detail: 'there is no quorum line; write "quorum none" for none',
      }
    }
    const policy = { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum }
    return { ok: true, policy }
  }

  #log(items: readonly string[]): PolicyProblem | undefined {
    const [vkey, url, ...more] = items
    if (vkey === undefined || more.length > 0) {
      return problem('MALFORMED', 'a log is "log <vkey> [<url>]"')
    }
    const wrong = this.#addKey(vkey, signatureTypes.ed25519)
    if (wrong === undefined) this.#logs.push(withUrl({ vkey }, url))
    return wrong
  }

  #witness(items: readonly string[]): PolicyProblem | undefined {
    const [name, vkey, url, ...more] = items
    if (name === undefined || vkey === undefined || more.length > 0) {
      return problem('MALFORMED', 'a witness is "witness <name> <vkey> [<url>]"')
    }
    const wrong = this.#addKey(vkey, signatureTypes.cosignature) ?? this.#define(name)
    if (wrong === undefined) this.#witnesses.push(withUrl({ name, vkey }, url))
    return wrong
  }

  #group(items: readonly string[]): PolicyProblem | undefined {
    const [name, rule, ...members] = items
    const threshold = thresholdOf(rule, members.length)
    if (name === undefined || members.length === 0 || threshold === undefined) {
      return problem(
        'MALFORMED',
        'a group is "group <name> any|all|<k> <member>...", k from 1 to the number of members',
      )
    }
    for (const member of members) {
      const wrong = this.#useMember(member)
      if (wrong !== undefined) return wrong
    }
    const wrong = this.#define(name)
    if (wrong === undefined) this.#groups.push({ name, threshold, members })
    return wrong
  }

  #setQuorum(items: readonly string[]): PolicyProblem | undefined {
    const [name, ...more] = items
    if (name === undefined || more.length > 0) {
      return problem('MALFORMED', 'a quorum is "quorum <name>|none"')
    }
    if (this.#quorum !== undefined) return problem('QUORUM', 'there is a quorum line already')
    if (!this.#names.has(name)) return this.#unknown(name)
    this.#quorum = name
    return undefined
  }

  /**
   * Two vkeys are the same key where the public key is, whatever their names and types. Two keys of
   * one name and id can be made in seconds (an id has 32 bits), and a signature line can't tell
   * which of them it is by: one cosignature would count for both.
   */
  #addKey(text: string, type: number): PolicyProblem | undefined {
    const vkey = parseVkey(text)
    if (vkey?.type !== type || !isAcceptablePublicKey(vkey.publicKey)) {
      return problem(
        'UNUSABLE_KEY',
        `${JSON.stringify(text)} is not a vkey of type ${type} with a sound Ed25519 key`,
      )
    }
    const key = encodeHex(vkey.publicKey)
    if (this.#keys.has(key)) return problem('DUPLICATE_KEY', `the key of ${vkey.name} stands twice`)
    const line = `${vkey.keyId} ${vkey.name}`
    if (this.#lines.has(line)) {
      return problem('DUPLICATE_KEY', `two keys of ${vkey.name} have the same id`)
    }
    this.#keys.add(key)
    this.#lines.add(line)
    return undefined
  }

  #define(name: string): PolicyProblem | undefined {
    if (this.#names.has(name)) return problem('DUPLICATE_NAME', `${name} is defined already`)
    this.#names.add(name)
    return undefined
  }

  /** A name may be a member once in the whole policy, so that no witness counts twice. */
  #useMember(name: string): PolicyProblem | undefined {
    if (name === noQuorum || !this.#names.has(name)) return this.#unknown(name)
    if (this.#members.has(name)) {
      return problem('DUPLICATE_NAME', `${name} is a member of a group already`)
    }
    this.#members.add(name)
    return undefined
  }

  #unknown(name: string): PolicyProblem {
    return problem('UNKNOWN_NAME', `${JSON.stringify(name)} is not defined on a line before`)
  }
}
