import { VmError } from '../../errors.ts'
import { listAt, textAt } from '../answers.ts'
import { mcpRevision, whileAsking } from '../mcp-client.ts'
import { known, type Step } from '../play.ts'

/** The decision in force, as an AI agent gets it. */
export const mcp: Step = {
  title: 'an MCP client asks for the decision in force',
  needs: ['decide'],
  run(play) {
    const { workspace: cwd, env } = play.scene.first
    return whileAsking(['mcp'], { cwd, env, signal: play.signal }, async (ask) => {
      const tools = listAt(await ask('tools/list', {}), 'tools').map((tool) => textAt(tool, 'name'))
      const question = { query: 'payments', kind: 'decision' }
      const found = await ask('tools/call', { name: 'search_memories', arguments: question })
      const memories = listAt(found, 'structuredContent', 'memories')
      const lines = [
        `speaks    MCP ${mcpRevision} on stdio, read only: ${tools.join(', ')}`,
        `asked     for decisions about "${question.query}": ${memories.length} are found`,
      ]
      const inForce: string[] = []
      for (const memory of memories) {
        const id = textAt(memory, 'id')
        const uri = `adr://${id.slice('sha256:'.length)}`
        const [page = null] = listAt(await ask('resources/read', { uri }), 'contents')
        const { standing, proof } = readPage(textAt(page, 'text'))
        const holds = standing === 'in force'
        if (holds) inForce.push(id)
        const title = textAt(memory, 'title')
        lines.push(
          `${holds ? 'in force' : 'found   '}  "${title}" is ${standing}; its proof ${proof}`,
        )
      }
      if (inForce.join() === known(play, 'decision')) return lines
      throw new VmError('VM_FAILED', `the decision in force is not ${inForce.join() || 'there'}`)
    })
  },
}

/** What the page of a decision says of where it stands, and of its proof. */
function readPage(text: string): { readonly standing: string; readonly proof: string } {
  const [, standing = ''] = /^- Status: (in force|\w+)/m.exec(text) ?? []
  const [, proof = ''] = /; its proof (.+) under the trust policy$/m.exec(text) ?? []
  return { standing, proof }
}
