import { createServer } from 'node:http'

const { HOST, PORT, METRICS_PORT } = process.env
let ready = true

const service = createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok')
  if (request.url === '/readyz') {
    response.statusCode = ready ? 200 : 503
    return response.end()
  }
  response.statusCode = 404
  response.end()
})
const metrics = createServer((_request, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4')
  response.end('# HELP up Whether it is up\n# TYPE up gauge\nup{name="tiny"} 1\n')
})
service.listen(Number(PORT), HOST)
metrics.listen(Number(METRICS_PORT), HOST)
process.once('SIGTERM', () => {
  ready = false
  for (const server of [service, metrics]) {
    server.close()
    server.closeIdleConnections()
  }
})
