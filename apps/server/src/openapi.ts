/** The OpenAPI document: what the routes say of themselves, and this. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

/** How the document is made. */
export function openapi(publicUrl: URL | undefined): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'VaultMesh',
        version: '0',
        description:
          'The memory of a workspace: records, proofs, verification and routing. Experimental: it may change. Failures are problem documents (RFC 9457). Beside what stands here there are the files of the log at /log/ (C2SP tlog-tiles), and, where they are configured, federation, /mcp and /verify/.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      ...(publicUrl === undefined ? {} : { servers: [{ url: publicUrl.origin }] }),
      tags: [
        { name: 'memories', description: 'Records' },
        { name: 'proofs', description: 'Verification' },
        { name: 'routing', description: 'GPU work' },
        { name: 'federation', description: 'What this node knows of others' },
        { name: 'operation', description: 'Health, figures, this document' },
      ],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'Made with `vm token create`. Writes always need one; reads except where the server is reached on loopback alone.',
          },
        },
      },
    },
    hideUntagged: true,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json['$id'] ?? `def-${index}`),
    },
  }
}
