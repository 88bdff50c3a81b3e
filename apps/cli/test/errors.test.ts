import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { failureOf } from '../src/errors.ts'

it('says what to do about a port that is taken', async () => {
  const first = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void first.close())
  await once(first, 'listening')
  const { port } = first.address() as AddressInfo
  const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error')
  expect(failureOf(error)).toMatchObject({
    code: 'VM_SYSTEM',
    message: expect.stringContaining('EADDRINUSE'),
    hint: 'give another --port, or end what listens there',
  })
})
