import { parseNote } from '@vaultmesh/merkle/note'
import { evaluateCheckpoint, parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { listening } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePrefix } from '../src/http.ts'
import { type WitnessRound, witnessCosigner } from '../src/witness/cosigner.ts'
import { flipBit, publishedLog } from './support/published.ts'
import { closedPort, type TestWitness, testWitness, witnessKey } from './support/witnesses.ts'

type Named = Pick<TestWitness, 'name' | 'vkey'> & { readonly url?: string }

/** A policy that asks for `threshold` of some witnesses, or for none of them. */
function policyOf(threshold: number | 'none', ...witnesses: readonly Named[]): TlogPolicy {
  const lines = witnesses.map(({ name, vkey, url }) =>
    ['witness', name, vkey, ...(url === undefined ? [] : [url])].join(' '),
  )
  const names = witnesses.map(({ name }) => name).join(' ')
  const end =
    threshold === 'none' ? ['quorum none'] : [`group all ${threshold} ${names}`, 'quorum all']
  const parsed = parsePolicy([...lines, ...end, ''].join('\n'))
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}

/** A witness that gives the same answer to everything. */
async function answering(name: string, status: number, body: string): Promise<Named> {
  const url = await listening((_request, response) => {
    response.writeHead(status, { location: 'http://127.0.0.1/' }).end(body)
  })
  return { name, vkey: witnessKey(name).vkey, url }
}

describe('gathering cosignatures', () => {
  it('adds those of all witnesses, which need no checkpoint before', async () => {
    const witnesses = [await testWitness('w1'), await testWitness('w2')]
    const policy = policyOf(2, ...witnesses)
    const { tiles, checkpoints } = await publishedLog(5)
    const rounds: WitnessRound[] = []
    const cosign = witnessCosigner({ policy, tiles, onRound: (round) => rounds.push(round) })
    const [checkpoint = ''] = checkpoints
    const cosigned = await cosign(checkpoint)
    expect(await evaluateCheckpoint(cosigned, policy)).toMatchObject({ witnessed: true })
    // What was there stays as it was, and before.
    expect(cosigned.startsWith(checkpoint)).toBe(true)
    expect(rounds).toEqual([{ size: 5n, cosigners: ['w1', 'w2'], failures: [], hasQuorum: true }])
    // The first guess is that a witness has this very checkpoint; then it is known what it has.
    expect(witnesses[0]?.asked).toEqual([5n, 0n])
  })

  it('proves the growth from whatever size a witness has', async () => {
    const sizes = [1, 3, 200, 256, 300, 700]
    const { tiles, checkpoints } = await publishedLog(...sizes)
    const late = await testWitness('late')
    const steady = await testWitness('steady')
    const policy = policyOf(2, late, steady)
    const first = witnessCosigner({ policy: policyOf(1, steady), tiles })
    for (const checkpoint of checkpoints.slice(0, 5)) await first(checkpoint)
    expect(steady.asked).toEqual([1n, 0n, 1n, 3n, 200n, 256n])
    await witnessCosigner({ policy, tiles })(checkpoints[5] ?? '')
    expect(steady.state?.size).toBe(700n)
    expect(late.state?.size).toBe(700n)
    expect(steady.asked.slice(6)).toEqual([700n, 300n])
  })

  it('asks again about what it has cosigned, and keeps one cosignature of each', async () => {
    const witness = await testWitness('w1')
    const { tiles, checkpoints } = await publishedLog(5)
    const cosign = witnessCosigner({ policy: policyOf(1, witness), tiles })
    const cosigned = await cosign(await cosign(checkpoints[0] ?? ''))
    const parsed = parseNote(cosigned)
    expect(parsed.ok && parsed.note.signatures.length).toBe(2)
  })

  it('does without the witnesses that a quorum can do without', async () => {
    const good = await testWitness('good')
    const bad = await answering('bad', 403, 'who are you?\n')
    const { tiles, checkpoints } = await publishedLog(5)
    const rounds: WitnessRound[] = []
    const policy = policyOf(1, bad, good)
    const cosign = witnessCosigner({ policy, tiles, onRound: (round) => rounds.push(round) })
    await cosign(checkpoints[0] ?? '')
    expect(rounds[0]).toMatchObject({
      cosigners: ['good'],
      failures: [{ name: 'bad', reason: 'it answers 403 who are you?' }],
    })
  })

  it('asks for what it can get where no quorum is asked for', async () => {
    const good = await testWitness('good')
    const { tiles, checkpoints } = await publishedLog(5)
    const cosign = witnessCosigner({ policy: policyOf('none', good), tiles })
    expect(await cosign(checkpoints[0] ?? '')).toContain('— good ')
    const alone = witnessCosigner({ policy: policyOf('none'), tiles })
    expect(await alone(checkpoints[0] ?? '')).toBe(checkpoints[0])
  })

  it('names every witness that failed, and why, where there is no quorum', async () => {
    const { tiles, checkpoints } = await publishedLog(5)
    const other = witnessKey('liar')
    const witnesses: Named[] = [
      await testWitness('good'),
      { name: 'silent', vkey: witnessKey('silent').vkey },
      { name: 'gone', vkey: witnessKey('gone').vkey, url: await closedPort() },
      await answering('forgetful', 404, 'the log is not known here\u001b[2J\n'),
      await answering('elsewhere', 302, ''),
      await answering('talker', 200, 'x'.repeat(100_000)),
      await answering('vague', 409, 'some size\n'),
      await answering('wordy', 200, 'fine with me\n'),
      { ...(await testWitness('liar')), vkey: other.vkey },
    ]
    const cosign = witnessCosigner({ policy: policyOf(2, ...witnesses), tiles })
    const failed = cosign(checkpoints[0] ?? '')
    await expect(failed).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    const message = await failed.catch(String)
    for (const said of [
      'silent: the policy has no URL for it',
      'gone: ',
      'ECONNREFUSED',
      'forgetful: it answers 404 the log is not known here\ufffd[2J',
      'elsewhere: it answers 302',
      'talker: it answers with more than 65536 bytes',
      'vague: it answers 409 without a size',
      'wordy: its answer is not a cosignature of it',
      'liar: its answer is not a cosignature of it',
    ]) {
      expect(message).toContain(said)
    }
  })

  it('does not wait for those that never answer', async () => {
    const url = await listening(() => {})
    const silent = { name: 'silent', vkey: witnessKey('silent').vkey, url }
    const { tiles, checkpoints } = await publishedLog(5)
    const alone = witnessCosigner({ policy: policyOf(1, silent), tiles, timeoutMs: 20 })
    await expect(alone(checkpoints[0] ?? '')).rejects.toThrow('silent: it did not answer in time')
    const good = await testWitness('good')
    const cosign = witnessCosigner({ policy: policyOf(1, silent, good), tiles, graceMs: 1 })
    expect(await cosign(checkpoints[0] ?? '')).toContain('— good ')
  })

  it('ends with the signal', async () => {
    const ending = new AbortController()
    const url = await listening(() => ending.abort(new Error('enough')))
    const policy = policyOf(1, { name: 'slow', vkey: witnessKey('slow').vkey, url })
    const { tiles, checkpoints } = await publishedLog(5)
    const cosign = witnessCosigner({ policy, tiles, signal: ending.signal })
    await expect(cosign(checkpoints[0] ?? '')).rejects.toThrow('enough')
    await expect(cosign(checkpoints[0] ?? '')).rejects.toThrow('enough')
  })

  it('tells of a witness that knows a larger tree: an older one was restored', async () => {
    const { tiles, checkpoints } = await publishedLog(5, 9)
    const witness = await testWitness('w1')
    const policy = policyOf(1, witness)
    await witnessCosigner({ policy, tiles })(checkpoints[1] ?? '')
    const restored = witnessCosigner({ policy, tiles })(checkpoints[0] ?? '')
    await expect(restored).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
    await expect(restored).rejects.toThrow('w1 says that it cosigned 9 entries')
    // Also one of several, where a quorum would be had without it.
    const other = await testWitness('w2')
    const both = witnessCosigner({ policy: policyOf(1, witness, other), tiles })
    await expect(both(checkpoints[0] ?? '')).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
  })

  it('is refused by a witness that has other entries', async () => {
    const { tiles, checkpoints } = await publishedLog(5, 9)
    const witness = await testWitness('w1')
    witness.state = { size: 5n, root: new Uint8Array(32) }
    const cosign = witnessCosigner({ policy: policyOf(1, witness), tiles })
    for (const checkpoint of checkpoints) {
      const refused = cosign(checkpoint)
      await expect(refused).rejects.toMatchObject({ code: 'LOG_FORKED' })
      await expect(refused).rejects.toThrow('it answers 422')
    }
    // A quorum without it outvotes it.
    const outvoted = policyOf(1, witness, await testWitness('w2'))
    expect(await witnessCosigner({ policy: outvoted, tiles })(checkpoints[0] ?? '')).toContain(
      '— w2 ',
    )
  })

  it('is refused by a witness that has another tree of the size that it names', async () => {
    const { tiles, checkpoints } = await publishedLog(5)
    const cosign = witnessCosigner({
      policy: policyOf(1, await answering('stubborn', 409, '3\n')),
      tiles,
    })
    const refused = cosign(checkpoints[0] ?? '')
    await expect(refused).rejects.toMatchObject({ code: 'LOG_FORKED' })
    await expect(refused).rejects.toThrow('a conflicting checkpoint of 3 entries')
  })

  it('gives up on a witness that keeps changing its mind', async () => {
    const sizes = [1, 2, 3, 4]
    const url = await listening((_, response) => {
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${sizes.shift()}\n`)
    })
    const { tiles, checkpoints } = await publishedLog(5)
    const policy = policyOf(1, { name: 'fickle', vkey: witnessKey('fickle').vkey, url })
    await expect(witnessCosigner({ policy, tiles })(checkpoints[0] ?? '')).rejects.toThrow(
      'fickle: it keeps changing its mind',
    )
  })

  it('says so where its own tiles give no proof', async () => {
    const { tiles, checkpoints } = await publishedLog(5, 9)
    const witness = await testWitness('w1')
    const cosign = witnessCosigner({ policy: policyOf(1, witness), tiles })
    await cosign(checkpoints[0] ?? '')
    flipBit(tiles, 'tile/0/000.p/9')
    await expect(cosign(checkpoints[1] ?? '')).rejects.toThrow('tile/0/000.p/9')
    await expect(cosign('no checkpoint')).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
    const note = (checkpoints[0] ?? '').replace('\n5\n', '\nfive\n')
    await expect(cosign(note)).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
  })

  it('survives a report that fails', async () => {
    const { tiles, checkpoints } = await publishedLog(5)
    const onRound = (): void => {
      throw new Error('no metrics')
    }
    const cosign = witnessCosigner({ policy: policyOf('none'), tiles, onRound })
    expect(await cosign(checkpoints[0] ?? '')).toBe(checkpoints[0])
  })
})

describe('the URL of a witness or mirror', () => {
  it('is one of https, or of this machine', () => {
    for (const [text, href] of [
      ['https://witness.example/a', 'https://witness.example/a/'],
      ['https://witness.example:8443', 'https://witness.example:8443/'],
      ['http://127.0.0.1:99/', 'http://127.0.0.1:99/'],
      ['http://[::1]:99/x/', 'http://[::1]:99/x/'],
      ['http://localhost/', 'http://localhost/'],
    ] as const) {
      expect(parsePrefix(text, 'w', false).href).toBe(href)
    }
    expect(parsePrefix('http://10.0.0.1/', 'w', true).href).toBe('http://10.0.0.1/')
    for (const text of [
      'http://10.0.0.1/',
      'http://localhost.example/',
      'http://127.0.0.1.example/',
      'ftp://witness.example/',
      'file:///etc/passwd',
      'https://user@witness.example/',
      'https://:password@witness.example/',
      'https://witness.example/?q',
      'https://witness.example/#f',
      'witness.example',
      '',
    ]) {
      expect(() => parsePrefix(text, 'w', false)).toThrow(/^the URL of w /)
    }
  })

  it('is refused before anyone is asked', async () => {
    const { tiles } = await publishedLog(1)
    const far = { name: 'far', vkey: witnessKey('far').vkey, url: 'http://10.0.0.1/' }
    expect(() => witnessCosigner({ policy: policyOf(1, far), tiles })).toThrow('the witness far')
  })

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'http://', 'https://'), fc.string(), (scheme, rest) => {
        const text = `${scheme}${rest}`
        try {
          expect(parsePrefix(text, 'w', false).pathname.endsWith('/')).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'LOG_OPTIONS' })
        }
      }),
    )
  })
})
