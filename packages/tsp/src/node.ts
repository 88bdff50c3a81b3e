/** A small RFC 3161 time authority, for Node: its keys, and its answers to requests. */
export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  defaultPolicy,
} from './authority/authority.ts'
export {
  type AuthorityKeys,
  type AuthorityKeysOptions,
  createAuthorityKeys,
} from './authority/keys.ts'
