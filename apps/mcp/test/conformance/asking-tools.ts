/** Tools that ask the client back: with a request of 2025, or with a result of 2026-07-28 (SEP-2322). */
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type RequestStateCodec,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What the rounds of one call hand on, sealed by this process. */
export const states: RequestStateCodec<{ readonly round?: number }> = createRequestStateCodec({
  key: crypto.getRandomValues(new Uint8Array(32)),
})

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] })

const form = (
  message: string,
  properties: Record<string, { type: 'string' } | { type: 'boolean' }>,
) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties, required: Object.keys(properties) },
  })
const nameForm = () => form('What is your name?', { name: { type: 'string' } })
const confirmForm = () => form('Please confirm', { ok: { type: 'boolean' } })
const sampling = (text: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens: 50,
  })

/** Tools that send a request to the client and wait, as before 2026-07-28. */
function addPushingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'asks the client\u2019s model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.send({
        method: 'sampling/createMessage',
        params: {
          messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
          maxTokens: 100,
        },
      })
      return said(`LLM response: ${JSON.stringify(content)}`)
    },
  )
  const schemas = {
    test_elicitation: { response: { type: 'string' } },
    test_elicitation_sep1034_defaults: {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
    test_elicitation_sep1330_enums: {
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: {
        type: 'string',
        oneOf: [
          { const: 'value1', title: 'First Option' },
          { const: 'value2', title: 'Second Option' },
          { const: 'value3', title: 'Third Option' },
        ],
      },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: {
        type: 'array',
        items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      },
      titledMulti: {
        type: 'array',
        items: {
          anyOf: [
            { const: 'value1', title: 'First Choice' },
            { const: 'value2', title: 'Second Choice' },
            { const: 'value3', title: 'Third Choice' },
          ],
        },
      },
    },
  } as const
  for (const [name, properties] of Object.entries(schemas)) {
    const inputSchema = z.object({ message: z.string().default('Please fill this in') })
    server.registerTool(
      name,
      { description: 'asks the user', inputSchema },
      async ({ message }, { mcpReq }) => {
        const { action, content } = await mcpReq.send({
          method: 'elicitation/create',
          params: {
            message,
            requestedSchema: JSON.parse(
              JSON.stringify({ type: 'object', properties, required: [] }),
            ),
          },
        })
        return said(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`)
      },
    )
  }
}

function textOf(response: unknown): string | undefined {
  const { content } = (response ?? {}) as { content?: { text?: string } }
  return content?.text
}

function rootsOf(response: unknown): readonly { uri?: string }[] | undefined {
  return ((response ?? {}) as { roots?: { uri?: string }[] }).roots
}

function declaredBy(envelope: object = {}): ClientCapabilities {
  return new Map(Object.entries(envelope)).get(CLIENT_CAPABILITIES_META_KEY) ?? {}
}

/** Tools whose result says what is missing, so that the client calls again with it. */
function addRoundTripTools(server: McpServer): void {
  const none = z.object({})
  server.registerTool(
    'test_missing_capability',
    { description: 'needs sampling', inputSchema: none },
    (_values, { mcpReq }) =>
      mcpReq.inputResponses?.['answer'] === undefined
        ? inputRequired({ inputRequests: { answer: sampling('Say pong') } })
        : said('answered'),
  )
  server.registerTool(
    'test_input_required_result_elicitation',
    { description: 'asks for a name', inputSchema: none },
    (_values, { mcpReq }) => {
      const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'user_name')?.name
      return typeof name === 'string'
        ? said(`Hello, ${name}!`)
        : inputRequired({ inputRequests: { user_name: nameForm() } })
    },
  )
  server.registerTool(
    'test_input_required_result_sampling',
    { description: 'asks the client\u2019s model', inputSchema: none },
    (_values, { mcpReq }) => {
      const answer = textOf(mcpReq.inputResponses?.['capital_question'])
      return answer === undefined
        ? inputRequired({
            inputRequests: { capital_question: sampling('What is the capital of France?') },
          })
        : said(answer)
    },
  )
  server.registerTool(
    'test_input_required_result_list_roots',
    { description: 'asks for roots', inputSchema: none },
    (_values, { mcpReq }) => {
      const roots = rootsOf(mcpReq.inputResponses?.['client_roots'])
      return roots === undefined
        ? inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
        : said(roots.map(({ uri }) => uri).join(', '))
    },
  )
  server.registerTool(
    'test_input_required_result_multiple_inputs',
    { description: 'asks for three things at once', inputSchema: none },
    async (_values, { mcpReq }) => {
      const { inputResponses } = mcpReq
      const name = acceptedContent<{ name: string }>(inputResponses, 'user_name')?.name
      const greeting = textOf(inputResponses?.['greeting'])
      const roots = rootsOf(inputResponses?.['client_roots'])
      if (name !== undefined && greeting !== undefined && roots !== undefined) {
        return said(`${greeting} ${name}, ${roots.length} roots`)
      }
      return inputRequired({
        inputRequests: {
          user_name: nameForm(),
          greeting: sampling('Generate a greeting'),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await states.mint({}),
      })
    },
  )
  for (const [name, answer] of [
    ['test_input_required_result_request_state', 'state-ok'],
    ['test_input_required_result_tampered_state', 'integrity-ok'],
  ] as const) {
    server.registerTool(
      name,
      { description: 'seals what it hands on', inputSchema: none },
      async (_values, { mcpReq }) => {
        if (acceptedContent(mcpReq.inputResponses, 'confirm') === undefined) {
          return inputRequired({
            inputRequests: { confirm: confirmForm() },
            requestState: await states.mint({}),
          })
        }
        if (mcpReq.requestState() !== undefined) return said(answer)
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'the state is missing')
      },
    )
  }
  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'asks twice', inputSchema: none },
    async (_values, { mcpReq }) => {
      const { round = 0 } = mcpReq.requestState<{ round?: number }>() ?? {}
      if (round === 2) return said('both rounds are done')
      const question =
        round === 0 ? nameForm() : form('Which color?', { color: { type: 'string' } })
      return inputRequired({
        inputRequests: { [`step${round + 1}`]: question },
        requestState: await states.mint({ round: round + 1 }),
      })
    },
  )
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'asks for what the client can give', inputSchema: none },
    (_values, { mcpReq }) => {
      if (mcpReq.inputResponses !== undefined) return said('given')
      const declared = declaredBy(mcpReq.envelope)
      const inputRequests: InputRequests = {
        ...(declared.elicitation === undefined ? {} : { user_name: nameForm() }),
        ...(declared.sampling === undefined ? {} : { greeting: sampling('Greet') }),
        ...(declared.roots === undefined ? {} : { client_roots: inputRequired.listRoots() }),
      }
      const isNone = Object.keys(inputRequests).length === 0
      return isNone ? said('nothing can be asked for') : inputRequired({ inputRequests })
    },
  )
}

export function addAskingTools(server: McpServer): void {
  addPushingTools(server)
  addRoundTripTools(server)
}
