// Certificates for tests, made by openssl: an authority, what it signs, and the same for a broker of Kafka.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  /** Key and certificate in one file, as a broker wants them. */
  readonly storeFile: string
}

export class Authority {
  readonly #folder: string
  readonly caFile: string
  readonly #keyFile: string
  #serial = 1

  constructor(folder: string, name = 'authority') {
    this.#folder = folder
    this.caFile = join(folder, `${name}.pem`)
    this.#keyFile = join(folder, `${name}.key`)
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
    )('-subj', `/CN=${name}`, '-keyout', this.#keyFile, '-out', this.caFile)
  }

  /** @param options.host a name, or an address; left out: for a client */
  sign(name: string, options: { host?: string; expired?: boolean } = {}): Certificate {
    const { host, expired = false } = options
    const at = (ending: string) => join(this.#folder, `${name}.${ending}`)
    const request = openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')
    request('-subj', `/CN=${name}`, '-keyout', at('key'), '-out', at('csr'))
    writeFileSync(at('ext'), host === undefined ? '' : `subjectAltName=DNS:${host}\n`)
    const sign = openssl('x509', '-req', '-CA', this.caFile, '-CAkey', this.#keyFile, '-extfile', at('ext'))
    const life = ['-days', expired ? '0' : '30', '-set_serial', String(this.#serial++)]
    sign(...life, '-in', at('csr'), '-out', at('pem'))
    // A certificate of no days has expired when its second is over.
    writeFileSync(at('store.pem'), readFileSync(at('key'), 'utf8') + readFileSync(at('pem'), 'utf8'))
    return { certFile: at('pem'), keyFile: at('key'), storeFile: at('store.pem') }
  }
}

const openssl =
  (...first: string[]) =>
  (...rest: string[]) =>
    void execFileSync('openssl', [...first, ...rest], { stdio: ['ignore', 'ignore', 'pipe'] })
