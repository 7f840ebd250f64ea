// What a failure of the Kafka client means: in words for whoever reads them at night, and whether trying again can help.

export interface Failure {
  /** Whether it may pass without us: a broker comes back, a password is changed at the other end. */
  readonly mayPass: boolean
  readonly message: string
  /** No connection came about, or it was lost. */
  readonly isUnreachable: boolean
}

/** What is known of the connection that failed. */
export interface FailureContext {
  readonly brokers: readonly string[]
  readonly isTls: boolean
  readonly login: { readonly mechanism: string; readonly username: string | null } | null
  readonly group: string
}

interface ClientError extends Error {
  readonly code?: string | number
  readonly type?: string
  readonly retriable?: boolean
  readonly broker?: string
}

/** By code of the system or of TLS: what is wrong, and what to do. */
const byCode: ReadonlyArray<readonly [pattern: RegExp, (context: FailureContext) => string]> = [
  [/^ECONNREFUSED$/, () => 'nobody listens there; is the broker running, and is the port right?'],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    () => 'the name is not known; check sources.*.brokers, and advertised.listeners of the broker',
  ],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    () =>
      "the broker's certificate is signed by an authority that is not known here; set ssl: {caFile: …} to the certificate of that authority",
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    () =>
      "the broker's certificate, or that of its authority, has expired; renew it at the broker (and check the clock of this machine)",
  ],
  [/^CERT_NOT_YET_VALID$/, () => "the broker's certificate is not valid yet; check the clock of this machine"],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    () =>
      "the broker's certificate is for another host name; name the broker as its certificate does (sources.*.brokers, advertised.listeners of the broker), or have a certificate issued for that name",
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/,
    () => 'the broker does not speak TLS at this port; take its TLS port, or leave out ssl',
  ],
  [
    /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|HANDSHAKE_FAILURE|CERTIFICATE_EXPIRED)|HANDSHAKE_FAILURE/,
    () =>
      'the broker does not accept our certificate; set ssl: {certFile: …, keyFile: …} to one that its authority has signed and that has not expired',
  ],
]

/** By the name that the protocol gives an error. */
const byType: Readonly<Record<string, (context: FailureContext) => string>> = {
  TOPIC_AUTHORIZATION_FAILED: (context) => `${who(context)} may not read the topics; allow READ and DESCRIBE on them`,
  GROUP_AUTHORIZATION_FAILED: (context) =>
    `${who(context)} may not use the consumer group; allow READ on groups that begin with ${context.group}-`,
  CLUSTER_AUTHORIZATION_FAILED: (context) => `${who(context)} may not do this at the cluster; allow it DESCRIBE`,
  UNSUPPORTED_SASL_MECHANISM: ({ login }) =>
    `the broker does not offer ${login?.mechanism}; choose another sasl.mechanism`,
}

/** Errors of the client that no second try mends. */
const hopeless = new Set([
  'KafkaJSNotImplemented',
  'KafkaJSServerDoesNotSupportApiKey',
  'KafkaJSUnsupportedMagicByteInMessageSet',
])

/** @param error what the client threw, or told when it gave up */
export function explainFailure(error: unknown, context: FailureContext): Failure {
  const chain = causes(error)
  const mayPass = !chain.some(({ name }) => hopeless.has(name))
  const [first] = chain
  const message = first?.message ?? String(error)
  const words = chain.map((one) => wordsFor(one, context)).find((found) => found !== undefined)
  const isUnreachable = chain.some(({ name }) => /^KafkaJS(Connection|NoBrokerAvailable)/.test(name))
  return { mayPass, isUnreachable, message: words === undefined ? message : `${message}: ${words}` }
}

function wordsFor(error: ClientError, context: FailureContext): string | undefined {
  const { code, type, message } = error
  if (typeof code === 'string') {
    const found = byCode.find(([pattern]) => pattern.test(code))
    if (found !== undefined) return found[1](context)
  }
  if (type !== undefined && type in byType) return byType[type]?.(context)
  // What the client says once it has lost every connection.
  if (message === 'No broker available')
    return `nobody answers at ${context.brokers.join(', ')}; is the broker running, and is the port right?`
  if (/mechanism is not supported/.test(message)) return byType['UNSUPPORTED_SASL_MECHANISM']?.(context)
  if (/^SASL OAUTHBEARER authentication failed/.test(message))
    return 'the broker does not accept our token; is it for this broker (audience, scope), and has it not expired?'
  if (/^SASL .*authentication failed/.test(message))
    return `the broker does not accept ${who(context)}; check sasl.username and the content of sasl.passwordFile, which is read again at every try`
  if (/before secure TLS connection was established/.test(message))
    return 'the broker does not speak TLS at this port, or closed the connection; take its TLS port, or leave out ssl'
  if (/Connection closed by the server|Closed connection/.test(message) && !context.isTls)
    return 'does the broker want TLS at this port? Then set ssl'
  return undefined
}

function who({ login }: FailureContext): string {
  return login?.username ? `user ${login.username}` : 'this client'
}

function causes(error: unknown): ClientError[] {
  const chain: ClientError[] = []
  for (let one = error; one instanceof Error && !chain.includes(one); one = one.cause) chain.push(one)
  return chain
}
