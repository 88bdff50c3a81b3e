/** A small RFC 3161 time authority, for Node: its keys, its answers to requests, and HTTP. */
export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  defaultPolicy,
} from './authority/authority.ts'
export {
  type AuthorityKeyAlgorithm,
  type AuthorityKeys,
  type AuthorityKeysOptions,
  createAuthorityKeys,
} from './authority/keys.ts'
export { openSerials } from './authority/serials.ts'
export {
  createTsa,
  type RunningTsa,
  type Tsa,
  type TsaAddress,
  type TsaOptions,
} from './authority/tsa.ts'
