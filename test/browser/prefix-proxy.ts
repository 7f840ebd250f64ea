// A proxy that shows the daemon under a path of its own, as an ingress of a cluster does.

import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** @param prefix such as `/ml/leeway`; it is taken off before the daemon is asked @returns where the daemon is then */
export async function prefixProxy(target: string, prefix: string, port = 0) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? '/'
    asked.push(url)
    if (!url.startsWith(`${prefix}/`)) return void response.writeHead(404).end('not under the prefix')
    const { hostname, port: targetPort } = new URL(target)
    const onwards = httpRequest(
      { hostname, port: targetPort, method: request.method, path: url.slice(prefix.length), headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onwards.on('error', () => response.destroy())
    response.on('close', () => onwards.destroy())
    request.pipe(onwards)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: asked as readonly string[],
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
