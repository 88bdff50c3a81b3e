/** `/mcp` of the server, as clients of the Model Context Protocol find it. */
import { fixtureFreeScenarios, mcpConformance } from '@vaultmesh/testing/mcp-conformance'
import { expect, it } from 'vitest'
import { makeScene, type Scene } from './kit/scene.ts'

const protocol = '2026-07-28'

async function listening(scene: Scene): Promise<string> {
  return `${await scene.app.listen({ host: '127.0.0.1', port: 0 })}/mcp`
}

async function ask(
  url: string,
  method: string,
  headers: Record<string, string>,
): Promise<Response> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': protocol,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': protocol,
      'mcp-method': method,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta } }),
  })
}

it('passes the scenarios of the conformance suite that need no fixture', async () => {
  const scene = await makeScene({ mcp: { version: '1.2.3' } })
  const run = await mcpConformance(await listening(scene), protocol)
  expect(run.notPassed(fixtureFreeScenarios), run.output).toEqual([])
})

it('answers under whatever name a network has for it, to tokens', async () => {
  const { app, bearer } = await makeScene({ exposure: 'network', mcp: { version: '1.2.3' } })
  const post = (headers: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/mcp',
      headers: {
        host: '10.0.0.5:9162',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      payload: {
        ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
        params: {
          ...{ protocolVersion: '2025-11-25', capabilities: {} },
          clientInfo: { name: 'test', version: '1' },
        },
      },
    })
  expect((await post(bearer('mcp:read'))).statusCode).toBe(200)
  expect((await post({})).statusCode).toBe(401)
  const page = { ...bearer('mcp:read'), origin: 'http://other.example' }
  expect((await post(page)).statusCode).toBe(403)
})

it('shows the tools that write to tokens that may write, and to no others', async () => {
  const recorder = { agent: 'robin', record: () => Promise.reject(new Error('not called')) }
  const scene = await makeScene({ mcp: { version: '1.2.3', recorder } })
  const url = await listening(scene)
  const tools = async (headers: Record<string, string>) => {
    const { result } = await (await ask(url, 'tools/list', headers)).json()
    return result.tools.map(({ name }: { name: string }) => name)
  }
  expect(await tools(scene.bearer('mcp:read', 'mcp:write'))).toContain('record_decision')
  expect(await tools(scene.bearer('mcp:read'))).not.toContain('record_decision')
  expect(await tools({})).not.toContain('record_decision')
  expect((await ask(url, 'tools/list', scene.bearer('metrics'))).status).toBe(403)
  expect((await ask(url, 'tools/list', { authorization: 'Bearer wrong' })).status).toBe(401)
})
