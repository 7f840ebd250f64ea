// Connections to brokers: plain, or TLS with the host always verified. Certificates are read for each connection, so that renewed ones
// are used without a restart.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { connect as connectTls } from 'node:tls'

/** PEM files; what is left out is the system's, or not there. */
export interface TlsFiles {
  /** Who may have signed the brokers' certificates; left out: those that the system trusts. */
  readonly caFile?: string | undefined
  /** Our certificate, with what leads to its authority, and its key: for brokers that ask who we are. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

const KEEP_ALIVE_MS = 60_000

interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly onConnect: () => void
}

/** @param onError told of each connection that ended with an error */
export function socketFactory(
  tls: (() => ConnectionOptions) | null,
  onError: (broker: string, error: Error) => void,
): (request: SocketRequest) => Socket {
  return ({ host, port, onConnect }) => {
    const socket =
      tls === null
        ? connect({ host, port }, onConnect)
        : connectTls({ ...tls(), ...nameOf(host), host, port }, onConnect)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.setNoDelay(true)
    socket.on('error', (error) => onError(`${host}:${port}`, error))
    return socket
  }
}

/** An address has no name to ask for; its certificate must hold the address. */
function nameOf(host: string): ConnectionOptions {
  return isIP(host) === 0 ? { servername: host } : {}
}

/**
 * @param path the setting that names the files, for errors: `sources.production.ssl`
 * @param key the content of `keyFile`
 * @throws Error that names the setting and what is wrong with it
 */
export function tlsOptions(
  { caFile, certFile, keyFile }: TlsFiles,
  path: string,
  key: string | undefined,
): ConnectionOptions {
  const ca = caFile === undefined ? undefined : readPem(caFile, `${path}.caFile`)
  const cert = certFile === undefined ? undefined : readPem(certFile, `${path}.certFile`)
  if (ca !== undefined) certificate(ca, `${path}.caFile: ${caFile}`)
  if (cert !== undefined && key !== undefined)
    checkOwn(cert, key, { certFile: `${path}.certFile: ${certFile}`, keyFile: `${path}.keyFile: ${keyFile}` })
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

/** What a broker or the system says of a wrong file is of no help. */
function certificate(pem: string, place: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new Error(`${place} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`, { cause })
  }
}

function checkOwn(cert: string, key: string, { certFile, keyFile }: { certFile: string; keyFile: string }): void {
  const own = certificate(cert, certFile)
  if (own.validToDate.getTime() < Date.now())
    throw new Error(
      `${certFile} holds a certificate that expired on ${own.validToDate.toISOString()}; put a new one there`,
    )
  let isKeyOf: boolean
  try {
    isKeyOf = own.checkPrivateKey(createPrivateKey(key))
  } catch (cause) {
    throw new Error(`${keyFile} holds no private key in PEM form without a passphrase`, { cause })
  }
  if (!isKeyOf) throw new Error(`${keyFile} holds another key than that of the certificate of ${certFile}`)
}

function readPem(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new Error(`${setting}: ${file} cannot be read (${code}); put the PEM file there`, { cause })
  }
}
