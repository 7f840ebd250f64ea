// Connections to Kafka as the document describes them, for sources and for whoever writes to topics.

import type { ConnectionSettings, LoginSettings } from '../config/kafka-settings.ts'
import { rotatingSecret } from '../config/secret.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { Secret, withoutSecrets } from '../secret.ts'
import type { ClientLog, KafkaConnection } from '../sources/kafka-client.ts'
import type { Login } from '../sources/kafka-login.ts'
import { tokenFromEndpoint } from '../sources/kafka-login.ts'
import type { TlsFiles } from '../sources/kafka-socket.ts'
import { tlsOptions } from '../sources/kafka-socket.ts'
import type { Millis } from '../time.ts'

/**
 * @param path where the settings stand, such as `sources.production`
 * @throws ConfigError when a secret cannot be read; Error when a certificate cannot be used
 */
export function connectionAt(
  path: string,
  { brokers, ssl, sasl, requestTimeoutMs }: ConnectionSettings & { readonly requestTimeoutMs?: Millis },
  log: ClientLog,
): KafkaConnection {
  return {
    brokers,
    clientId: 'leeway',
    ssl: ssl === false ? false : tlsOf(ssl, `${path}.ssl`),
    sasl: sasl === null ? null : loginOf(sasl, `${path}.sasl`),
    log: (level, message) => log(level, withoutSecrets(message)),
    ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
  }
}

// What is wrong with a secret or a certificate is told at the start; later on each is read for every connection.

function tlsOf(files: TlsFiles, path: string): Exclude<KafkaConnection['ssl'], false> {
  const key = files.keyFile === undefined ? undefined : rotatingSecret(files.keyFile, `${path}.keyFile`)
  const options = () => tlsOptions(files, path, key === undefined ? undefined : key().reveal())
  options()
  return options
}

function loginOf(settings: LoginSettings, path: string): Login {
  if (settings.mechanism !== 'oauthbearer') {
    const { mechanism, username, passwordFile } = settings
    const password = rotatingSecret(passwordFile, `${path}.passwordFile`)
    return { mechanism, username, password: () => password().reveal() }
  }
  const { mechanism, extensions } = settings
  if ('tokenFile' in settings) {
    const token = rotatingSecret(settings.tokenFile, `${path}.tokenFile`)
    return { mechanism, extensions, token: async () => token().reveal() }
  }
  const { tokenEndpoint: endpoint, clientId, clientSecretFile, scope, allow } = settings
  const secret = rotatingSecret(clientSecretFile, `${path}.clientSecretFile`)
  const token = tokenFromEndpoint({
    endpoint,
    clientId,
    clientSecret: () => secret().reveal(),
    scope,
    now: () => performance.now(),
    // A token is a secret that nobody wrote into a file.
    keep: (value) => new Secret(value),
    outbound: createOutbound({ allow }),
  })
  return { mechanism, extensions, token: async () => (await token()).reveal() }
}
