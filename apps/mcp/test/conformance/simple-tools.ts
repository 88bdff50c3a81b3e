/** Tools that the scenarios call by name, and that answer at once. */
import { type CallToolResult, fromJsonSchema, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { png, wav } from './media.ts'

type Content = CallToolResult['content'][number]

const text = (words: string): Content => ({ type: 'text', text: words })
const image: Content = { type: 'image', data: png, mimeType: 'image/png' }
const embedded = (uri: string): Content => ({
  type: 'resource',
  resource: { uri, mimeType: 'text/plain', text: 'an embedded resource' },
})

const answers: Readonly<Record<string, readonly Content[]>> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource')],
  test_multiple_content_types: [text('several'), image, embedded('test://mixed-content-resource')],
  test_streaming_elicitation: [text('one result, and no request of the server\u2019s own')],
}

/** JSON Schema 2020-12 that must come through `tools/list` as it is (SEP-1613, SEP-2106). */
const richSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const

const regionSchema = { type: 'string', 'x-mcp-header': 'Region' } as const

export function addSimpleTools(server: McpServer): void {
  for (const [name, content] of Object.entries(answers)) {
    server.registerTool(name, { description: `answers: ${name}` }, () => ({
      content: [...content],
    }))
  }
  server.registerTool('test_error_handling', { description: 'fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'has a rich schema', inputSchema: fromJsonSchema(richSchema) },
    (values) => ({ content: [text(JSON.stringify(values))] }),
  )
  server.registerTool(
    'test_x_mcp_header',
    {
      description: 'has an argument that stands in a header too (SEP-2243)',
      inputSchema: fromJsonSchema<{ region?: string }>({
        type: 'object',
        properties: {
          region: regionSchema,
          level: { type: 'integer' },
        },
      }),
    },
    ({ region = 'none' }) => ({ content: [text(region)] }),
  )
  server.registerTool(
    'test_tool_with_progress',
    { description: 'reports progress', inputSchema: z.object({}) },
    async (_values, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken: progressToken ?? 0, progress, total: 100 },
        })
      }
      return { content: [text(String(progressToken))] }
    },
  )
  server.registerTool(
    'test_tool_with_logging',
    { description: 'logs', inputSchema: z.object({}) },
    async (_values, { mcpReq }) => {
      for (const data of [
        'Tool execution started',
        'Tool processing data',
        'Tool execution completed',
      ]) {
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
      }
      return { content: [text('logged')] }
    },
  )
  server.registerTool(
    'test_logging_tool',
    { description: 'logs where the request asks for it (SEP-2575)', inputSchema: z.object({}) },
    async (_values, { mcpReq }) => {
      await mcpReq.log('info', 'only where a level was asked for')
      return { content: [text('logged')] }
    },
  )
}
