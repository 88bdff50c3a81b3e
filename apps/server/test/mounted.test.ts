/** What comes from other packages, behind the same door. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFederation } from '@vaultmesh/federation/node'
import { noQuorum } from '@vaultmesh/merkle/policy'
import { initWorkspace, openWorkspace, stateHome } from '@vaultmesh/remembrancer/workspace'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeHome, makeScene, noon } from './kit/scene.ts'

describe('/log', () => {
  it('gives the published files to anybody, and a HEAD too', async () => {
    const scene = await makeScene({ exposure: 'network' })
    await scene.workspace.record({ kind: 'note', title: 'n', body: { text: 't' } })
    const checkpoint = await scene.app.inject('/log/checkpoint')
    expect(checkpoint.body).toMatch(new RegExp(`^${scene.workspace.origin}\n1\n`))
    expect(checkpoint.headers['cache-control']).toContain('max-age=1')
    expect((await scene.app.inject('/log/tile/entries/000.p/1')).statusCode).toBe(200)
    const head = await scene.app.inject({ method: 'HEAD', url: '/log/checkpoint' })
    expect([head.statusCode, head.body]).toEqual([200, ''])
  })

  it('gives out nothing that a link in the log leads to', async () => {
    const scene = await makeScene({ exposure: 'network' })
    await scene.workspace.record({ kind: 'note', title: 'n', body: { text: 't' } })
    const { directory } = await scene.workspace.log()
    const elsewhere = temporaryDirectory()
    writeFileSync(join(elsewhere, '000'), 'a key')
    rmSync(join(directory, 'checkpoint'))
    symlinkSync(join(elsewhere, '000'), join(directory, 'checkpoint'))
    rmSync(join(directory, 'tile', 'entries'), { recursive: true })
    symlinkSync(elsewhere, join(directory, 'tile', 'entries'))
    for (const path of ['checkpoint', 'tile/entries/000']) {
      const { statusCode, body } = await scene.app.inject(`/log/${path}`)
      expect([path, statusCode, body]).toEqual([path, 404, 'not found\n'])
    }
  })
})

describe('/verify/', () => {
  it('is the page, with a policy that lets nothing in or out', async () => {
    const page = temporaryDirectory()
    mkdirSync(join(page, 'assets'))
    writeFileSync(join(page, 'index.html'), '<!doctype html>')
    writeFileSync(join(page, 'assets', 'a.js'), 'let a')
    writeFileSync(join(page, '..', 'secret.txt'), 'secret')
    const { app } = await makeScene({ page, exposure: 'network' })
    const index = await app.inject('/verify/')
    expect([index.statusCode, index.body]).toEqual([200, '<!doctype html>'])
    expect(index.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    )
    expect((await app.inject('/verify/assets/a.js')).headers['content-type']).toContain(
      'javascript',
    )
    for (const path of [
      '../secret.txt',
      '%2e%2e/secret.txt',
      'assets/../../secret.txt',
      '.git',
      'none',
    ]) {
      const { statusCode, body } = await app.inject(`/verify/${path}`)
      expect([path, statusCode, body.includes('secret')]).toEqual([path, 404, false])
    }
  })
})

describe('/mcp', () => {
  it('is closed to others, and without it there is nothing', async () => {
    const scene = await makeScene({ mcp: { version: '0' }, exposure: 'network' })
    const ask = async (headers: Record<string, string> = {}) =>
      (await scene.app.inject({ method: 'POST', url: '/mcp', payload: {}, headers })).json()
    expect(await ask()).toMatchObject({ code: 'TOKEN_NEEDED' })
    expect(await ask(scene.bearer('memories:read'))).toMatchObject({ code: 'SCOPE_MISSING' })
    expect(await ask({ host: 'localhost', origin: 'http://evil.example' })).toMatchObject({
      code: 'ORIGIN_REFUSED',
    })
    const { headers } = await scene.app.inject({
      method: 'GET',
      url: '/mcp',
      headers: scene.bearer('mcp:read'),
    })
    expect(headers['x-content-type-options']).toBe('nosniff')
    const none = await makeScene()
    expect((await none.app.inject({ method: 'POST', url: '/mcp' })).statusCode).toBe(404)
  })
})

describe('federation', () => {
  it('shares what it is to share with anybody, and what it knows with the right token', async () => {
    const home = makeHome()
    const clock = (): Date => noon
    await initWorkspace({ directory: home.project, passphrase: null, clock, env: home.env })
    const workspace = await openWorkspace({ directory: home.project, clock, env: home.env })
    onTestFinished(() => workspace.close())
    await workspace.record({ kind: 'note', title: 'n', body: { text: 't' } })
    const { origin, directory } = await workspace.log()
    const policy = {
      logs: [{ vkey: workspace.keys.log }],
      ...{ witnesses: [], groups: [], quorum: noQuorum },
    }
    const federation = await openFederation({
      workspaceRoot: home.project,
      stateHome: stateHome(home.env),
      ownLogs: [{ origin, directory, policy }],
      config: { name: 'example.com/vm', share: [origin], peers: [] },
      clock,
    })
    onTestFinished(() => federation.close())
    const scene = await makeScene({ workspace, federation, exposure: 'network' })
    const heads = await scene.app.inject('/federation/v1/heads')
    expect(heads.statusCode).toBe(200)
    const etag = String(heads.headers['etag'])
    const again = await scene.app.inject({
      url: '/federation/v1/heads',
      headers: { 'if-none-match': etag },
    })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const evidence = await scene.app.inject({
      method: 'POST',
      url: '/federation/v1/evidence',
      payload: Buffer.from('{}'),
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(evidence.statusCode).toBe(422)
    expect((await scene.app.inject('/v1/federation')).statusCode).toBe(401)
    const status = await scene.app.inject({
      url: '/v1/federation',
      headers: scene.bearer('federation'),
    })
    expect(status.json()).toMatchObject({
      name: 'example.com/vm',
      logs: [{ origin, role: 'own', isShared: true, size: '1', forkProofs: [] }],
      peers: [],
    })
  })
})
