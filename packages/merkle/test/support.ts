import { createPrivateKey, hash, type KeyObject } from 'node:crypto'
import { expect } from 'vitest'
import { MerkleError, type MerkleErrorCode } from '../src/errors.ts'
import type { NodeReader } from '../src/proof.ts'

function digest(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(hash('sha256', Buffer.concat(parts), 'buffer'))
}

/** `count` different entries. */
export function entriesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${i}`))
}

/** MTH of RFC 6962 section 2.1, word for word and with another hash implementation. */
export function treeHash(entries: readonly Uint8Array[]): Uint8Array {
  const [only] = entries
  if (only === undefined) return digest()
  if (entries.length === 1) return digest(Uint8Array.of(0), only)
  let k = 1
  while (2 * k < entries.length) k *= 2
  return digest(Uint8Array.of(1), treeHash(entries.slice(0, k)), treeHash(entries.slice(k)))
}

/** Reads nodes by hashing their entries anew. */
export function entryReader(entries: readonly Uint8Array[]): NodeReader {
  return (level, index) => {
    const width = 2 ** level
    const begin = Number(index) * width
    expect(begin + width).toBeLessThanOrEqual(entries.length)
    return treeHash(entries.slice(begin, begin + width))
  }
}

/** A copy of `bytes` with one bit turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = Math.floor(bit / 8) % copy.length
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8))
  return copy
}

/** The list with one item changed: the one at `at`, counted around the end. */
export function replaceAt<T>(list: readonly T[], at: number, change: (item: T) => T): T[] {
  return list.map((item, i) => (i === at % list.length ? change(item) : item))
}

function keyOfSeed(seed: Uint8Array): KeyObject {
  const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = Buffer.concat([pkcs8, seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The Ed25519 private key of a seed that is `fill`, 32 times. */
export function keyOf(fill: number): KeyObject {
  return keyOfSeed(Buffer.alloc(32, fill))
}

/**
 * Two different keys whose cosignature ids under the name `twin` are the same, 436f4129. They were
 * found by trying 121,115 seeds, which took seconds.
 */
export function twinKeys(): [KeyObject, KeyObject] {
  const key = (number: number): KeyObject => {
    const seed = Buffer.alloc(32)
    seed.writeUInt32BE(number, 28)
    return keyOfSeed(seed)
  }
  return [key(36_642), key(121_114)]
}

/** The code of the MerkleError that `run` throws. */
export function codeOf(run: () => unknown): MerkleErrorCode | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof MerkleError) return error.code
    throw error
  }
  return undefined
}

/** The code of the MerkleError that `promise` rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<MerkleErrorCode | undefined> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  return codeOf(() => {
    if (outcome !== undefined) throw outcome
  })
}

/**
 * A checkpoint of the staging CT log arche2025h1, as served on 2026-05-23, with its Ed25519
 * signature, an RFC 6962 one, and four witnesses' cosignatures.
 */
export const realCheckpoint = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`

/** The vkeys of the log and the witnesses of {@link realCheckpoint}, as their owners publish them. */
export const realKeys = {
  log: 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f',
  garden:
    'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  smartit: 'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  remora: 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  stagemole: 'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
} as const
