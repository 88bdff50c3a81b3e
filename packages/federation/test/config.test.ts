import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeFederationConfig,
  type FederationConfig,
  parseFederationConfig,
} from '../src/node.ts'
import { logSigner, witnessSigner } from './kit/keys.ts'

const a = logSigner('a.example/vm/payments')
const b = logSigner('b.example/vm/orders')
const w = witnessSigner('c.example/witness')

const full: FederationConfig = {
  name: 'c.example/vm',
  url: 'https://c.example/vm/',
  share: ['c.example/vm/logs', a.name],
  peers: [
    {
      name: 'a',
      url: 'https://a.example/',
      logs: [{ origin: a.name, policy: `log ${a.vkey}\nquorum none\n` }],
    },
    {
      name: 'office-2.b',
      url: 'http://10.0.0.7/vm/',
      allowHttp: true,
      logs: [
        { origin: b.name, policy: `log ${b.vkey}\nwitness w ${w.vkey}\nquorum w\n` },
        { origin: a.name, policy: `log ${a.vkey}\nquorum none\n`, url: 'http://10.0.0.7/a/' },
      ],
    },
    { name: 'stick', folder: '../stick', logs: [] },
  ],
  witness: { name: w.name, vkey: w.vkey },
}

function problemsOf(text: string): readonly string[] {
  const parsed = parseFederationConfig(text)
  return parsed.ok ? [] : parsed.problems
}

describe('federation.yaml', () => {
  it('is read as it was written', () => {
    const text = encodeFederationConfig(full)
    expect(text).toMatch(/^# Whom this VaultMesh node federates with/)
    expect(parseFederationConfig(text)).toEqual({ ok: true, config: full })
    const small = { name: 'c', share: [], peers: [] }
    expect(parseFederationConfig(encodeFederationConfig(small))).toEqual({
      ok: true,
      config: small,
    })
    expect(parseFederationConfig('version: 0\nname: c\n')).toEqual({ ok: true, config: small })
  })

  it('is refused with every problem, by its path', () => {
    expect(
      problemsOf(`
version: 1
name: two words
url: ftp://c.example/
share: [a b, x, x]
extra: true
witness: {name: ${w.name}, vkey: ${a.vkey}}
peers:
  - name: A
    url: https://a.example/
    folder: both
  - name: b
    url: http://b.example/
    logs:
      - origin: ${a.name}
        policy: "quorum none\\n"
      - origin: ${a.name}
        policy: "log ${b.vkey}\\nquorum none\\n"
      - {origin: 7, policy: []}
  - name: b
    logs: none
  - text
  - {name: d, folder: "", allowHttp: 1, logs: [{origin: ${b.name}, policy: "log ${b.vkey}\\nquorum none\\n", url: 3}]}
  - {name: e, url: "https://u:p@e.example/", logs: [{origin: ${b.name}, policy: "log ${b.vkey}\\n\\nquorum none\\n"}]}
`),
    ).toEqual([
      'has a member that v0 does not know: "extra"',
      'version: must be 0',
      'name: must be a name without spaces and "+"',
      'url: the URL of this is not one of https: "ftp://c.example/"',
      'share[0]: must be an origin: no spaces, control characters or "+"',
      'share[1]: "x" comes twice',
      'peers[0].name: must be 1 to 63 of a-z, 0-9, "." and "-"',
      'peers[0]: must have either a url or a folder',
      'peers[1].url: the URL of this must be one of https, as it is not on this machine: "http://b.example/"',
      'peers[1].logs[0].policy: has no "log" line',
      `peers[1].logs[1].policy: every log key must be named after the origin, ${a.name}`,
      'peers[1].logs[2].origin: must be an origin: no spaces, control characters or "+"',
      'peers[1].logs[2].policy: must be the text of a policy',
      'peers[2]: must have either a url or a folder',
      'peers[2].logs: must be a list',
      'peers[3]: must be a map',
      'peers[4].allowHttp: must be true or false',
      'peers[4].folder: must be the path of a folder',
      'peers[4].logs[0].url: must be a URL',
      'peers[5].url: the URL of this must not hold a name or password',
      'peers[1].name: "b" comes twice',
      'peers[3].logs[0].policy: must be the same as peers[2].logs[0].policy',
      'witness.vkey: must be a vkey of type 4 with the name of the witness',
    ])
  })

  it('is refused where it is no YAML, or too much of it', () => {
    expect(problemsOf('a: [')).toEqual([expect.stringContaining('is not YAML')])
    expect(problemsOf('a: &x [1]\nb: *x\n')).toEqual([expect.stringContaining('is not YAML')])
    expect(problemsOf('x'.repeat(1024 * 1024 + 1))).toEqual(['has more than 1048576 characters'])
    expect(problemsOf('- list\n')).toContain('must be a map')
    const many = Array.from({ length: 1025 }, (_, i) => `x${i}`)
    expect(problemsOf(`version: 0\nname: c\nshare: [${many.join(', ')}]\n`)).toEqual([
      'share: has 1025 items, more than 1024',
    ])
    // Not all of them are named: a stranger's document is read like this, too.
    expect(problemsOf(`version: 0\nname: c\n${many.join(': 1\n')}: 1\n`)).toHaveLength(16)
    expect(problemsOf('version: 0\nname: c\nwitness: 3\n')).toEqual(['witness: must be a map'])
  })

  it('never throws, whatever it is', () => {
    const text = encodeFederationConfig(full)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string(), (at, length, put) => {
        const edited = text.slice(0, at) + put + text.slice(at + length)
        const parsed = parseFederationConfig(edited)
        if (parsed.ok) {
          expect(parseFederationConfig(encodeFederationConfig(parsed.config))).toEqual(parsed)
        } else expect(parsed.problems.length).toBeGreaterThan(0)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseFederationConfig(JSON.stringify(value)).ok).toBe(false)
      }),
    )
  })
})
