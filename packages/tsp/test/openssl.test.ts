import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect } from 'vitest'
import { createTimestampRequest, parseTimestamp, verifyTimestamp } from '../src/index.ts'
import { createAuthority, createAuthorityKeys } from '../src/node.ts'
import { data, forge, hash, info, notPassed, root, trust, verify } from './forge.ts'
import { ecKey, rootCa, rsaKey, stamper } from './pki.ts'

/** A folder with OpenSSL run in it. */
function workbench() {
  const directory = temporaryDirectory()
  return {
    directory,
    openssl: (...args: string[]) =>
      execFileSync('openssl', args, { cwd: directory, encoding: 'utf8', stdio: 'pipe' }),
    write: (name: string, content: Uint8Array | string) =>
      writeFileSync(join(directory, name), content),
    read: (name: string) => new Uint8Array(readFileSync(join(directory, name))),
  }
}

describe('OpenSSL', () => {
  const verifiesAnswers = (algorithm: 'P-256' | 'RSA-2048') => () => {
    const { openssl, write } = workbench()
    const now = Date.now()
    const keys = createAuthorityKeys({
      name: 'embedded',
      algorithm,
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3_600_000),
    })
    const request = createTimestampRequest({
      imprint: hash('sha256', data),
      nonce: new Uint8Array(randomBytes(16)),
    })
    const response = createAuthority(keys).respond(request)
    write('request.tsq', request)
    write('response.tsr', response)
    write('data', data)
    write('anchor.der', keys.anchor)
    openssl('x509', '-inform', 'DER', '-in', 'anchor.der', '-out', 'anchor.pem')
    const verify = (...given: string[]) =>
      openssl('ts', '-verify', '-in', 'response.tsr', '-CAfile', 'anchor.pem', ...given)
    verify('-queryfile', 'request.tsq')
    verify('-data', 'data')
    write('data', 'something else')
    expect(() => verify('-data', 'data')).toThrow(/message imprint mismatch/)
    const changed = Uint8Array.from(response)
    changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1)
    write('response.tsr', changed)
    expect(() => verify('-queryfile', 'request.tsq')).toThrow()
  }
  for (const algorithm of ['P-256', 'RSA-2048'] as const) {
    const what = `verifies what a ${algorithm} authority answers, and refuses it changed`
    itWith(['openssl'], what, verifiesAnswers(algorithm))
  }

  itWith(['openssl'], 'reads why the authority rejects a request', () => {
    const { openssl, write } = workbench()
    const keys = createAuthorityKeys({
      name: 'embedded',
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2027-01-01'),
    })
    const request = createTimestampRequest({ imprint: hash('sha256', data), policy: '1.2.3' })
    write('response.tsr', createAuthority(keys).respond(request))
    const text = openssl('ts', '-reply', '-in', 'response.tsr', '-text')
    expect(text).toContain('Status: Rejected.')
    expect(text).toContain('the requested TSA policy is not supported by the TSA')
  })

  itWith(['openssl'], 'reads the requests', () => {
    const { openssl, write } = workbench()
    const nonce = Uint8Array.of(0xab, 0xcd)
    const request = { imprint: hash('sha256', data), nonce, policy: '1.2.3.4' }
    write('request.tsq', createTimestampRequest(request))
    const text = openssl('ts', '-query', '-in', 'request.tsq', '-text')
    expect(text).toMatch(/Hash Algorithm: sha256[\s\S]*Policy OID: 1\.2\.3\.4\nNonce: 0xABCD\n/)
    expect(text).toContain('Certificate required: yes')
  })

  const configuration = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[middle]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = ./serial
signer_cert = leaf.pem
signer_key = leaf.key
certs = middle.pem
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
signer_digest = DIGEST
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 6
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
`

  /** A root, a CA below it and a leaf, all by OpenSSL, and its answer to a request. */
  function answerOf(request: Uint8Array, newKey: readonly string[], digest: string) {
    const { openssl, write, read } = workbench()
    write('openssl.cnf', configuration.replace('DIGEST', digest))
    write('serial', '01\n')
    write('request.tsq', request)
    const make = (name: string, section: string, signer: readonly string[]) => {
      openssl(
        'req',
        '-new',
        '-nodes',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-subj',
        `/O=Test/CN=${name}`,
        '-config',
        'openssl.cnf',
        '-out',
        `${name}.csr`,
      )
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        ...signer,
        `-${digest}`,
        '-days',
        '30',
        '-extfile',
        'openssl.cnf',
        '-extensions',
        section,
        '-out',
        `${name}.pem`,
      )
    }
    const by = (name: string) => ['-CA', `${name}.pem`, '-CAkey', `${name}.key`, '-CAcreateserial']
    make('root', 'ca', ['-signkey', 'root.key'])
    make('middle', 'middle', by('root'))
    make('leaf', 'leaf', by('middle'))
    openssl(
      'ts',
      '-reply',
      '-queryfile',
      'request.tsq',
      '-config',
      'openssl.cnf',
      '-section',
      'tsa_config',
      '-out',
      'response.tsr',
    )
    const der = (name: string) => {
      openssl('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`)
      return read(`${name}.der`)
    }
    return { response: read('response.tsr'), root: der('root'), middle: der('middle') }
  }

  for (const [name, newKey, digest] of [
    ['RSA-2048', ['-newkey', 'rsa:2048'], 'sha512'],
    ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'sha256'],
  ] as const) {
    itWith(['openssl'], `answers with tokens that verify: ${name}`, async () => {
      const nonce = new Uint8Array(randomBytes(8))
      const imprint = hash('sha256', data)
      const request = createTimestampRequest({ imprint, nonce, policy: '1.2.3.4.1' })
      const { response, root, middle } = answerOf(request, newKey, digest)
      const parsed = parseTimestamp(response)
      if (!parsed.ok) throw new Error(parsed.detail)
      const options = { data, nonce, policy: '1.2.3.4.1' }
      for (const anchor of [root, middle]) {
        const authority = {
          ...{ name, selfIssued: false, anchors: [anchor], pins: [] },
          validFrom: new Date(0),
        }
        const verdict = await verifyTimestamp(parsed.token, {
          ...options,
          authorities: [authority],
        })
        expect(notPassed(verdict)).toEqual([])
      }
    })
  }

  for (const [name, key, options] of [
    ['ECDSA P-384', () => ecKey('P-384'), []],
    ['ECDSA P-521', () => ecKey('P-521'), []],
    ['RSASSA-PSS', () => rsaKey(), ['-keyopt', 'rsa_padding_mode:pss']],
    [
      'RSASSA-PSS with a salt of 32 bytes',
      () => rsaKey(),
      ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32'],
    ],
  ] as const) {
    // `openssl ts` signs none of these; `openssl cms` does, with the ESSCertIDv2 that CAdES asks for.
    itWith(['openssl'], `signs a TSTInfo with ${name}, and that verifies`, async () => {
      const { openssl, write, read } = workbench()
      const signer = stamper(root, { key: key() })
      write('key.pem', signer.key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      write('leaf.der', signer.der)
      openssl('x509', '-inform', 'DER', '-in', 'leaf.der', '-out', 'leaf.pem')
      write('info', info())
      const content = [
        '-econtent_type',
        'id-smime-ct-TSTInfo',
        '-nodetach',
        '-binary',
        '-in',
        'info',
      ]
      const by = ['-signer', 'leaf.pem', '-inkey', 'key.pem', ...options, '-md', signer.key.digest]
      openssl('cms', '-sign', ...content, ...by, '-cades', '-outform', 'DER', '-out', 'token')
      expect(notPassed(await verify(read('token')))).toEqual([])
      expect((await verify(read('token'), { data: Uint8Array.of(1) })).ok).toBe(false)
    })
  }

  itWith(['openssl'], 'revokes, and its lists are read', async () => {
    const { openssl, write, read } = workbench()
    const ca = rootCa()
    const signer = stamper(ca)
    write('ca.der', ca.der)
    write('ca.key', ca.key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    write('leaf.der', signer.der)
    for (const name of ['ca', 'leaf']) {
      openssl('x509', '-inform', 'DER', '-in', `${name}.der`, '-out', `${name}.pem`)
    }
    const section = ['[ca]', 'default_ca=it', '[it]', 'database=index', 'default_md=sha256']
    const number = [
      'crlnumber=number',
      'crl_extensions=of',
      '[of]',
      'authorityKeyIdentifier=issuer:always',
    ]
    write('ca.cnf', [...section, ...number, ''].join('\n'))
    write('index', '')
    write('number', '01\n')
    const byCa = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key']
    const list = () => {
      openssl('ca', ...byCa, '-gencrl', '-crldays', '30', '-out', 'crl.pem')
      openssl('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der')
      return read('crl.der')
    }
    const judge = async (der: Uint8Array) => {
      const revocation = { lists: [der] }
      return notPassed(await verify(forge({ signer }), { authorities: [trust(ca)], revocation }))
    }
    expect(await judge(list())).toEqual([])
    openssl('ca', ...byCa, '-revoke', 'leaf.pem', '-crl_reason', 'superseded')
    // Revoked now, and the token is older.
    expect(await judge(list())).toEqual([])
    const index = new TextDecoder().decode(read('index')).replace(',superseded', ',keyCompromise')
    write('index', index)
    expect(await judge(list())).toEqual(['token.revocation fail'])
  })
})
