// The HTTP ports, as the settings ask for them: who may reach what.

import type { Settings } from '../config/settings.ts'
import { readTokens } from '../config/tokens-file.ts'
import type { AccessRules } from '../http/access.ts'
import { isLoopback } from '../http/address.ts'
import { metricsRoute, probeRoutes } from '../http/probes.ts'
import type { Route } from '../http/route.ts'
import type { HttpServer } from '../http/server.ts'
import { startHttpServer } from '../http/server.ts'
import { Tokens } from '../http/tokens.ts'
import type { Store } from '../store/store.ts'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** The tokens of the file, until a reload reads it again. */
export class TokensInForce {
  readonly #file: string | null
  #tokens: Tokens | undefined

  /** @throws ConfigError */
  constructor(file: string | null) {
    this.#file = file
    this.prepare()()
  }

  get current(): Tokens | undefined {
    return this.#tokens
  }

  /** Reads the file. @returns puts what it says into force @throws ConfigError */
  prepare(): () => void {
    const tokens = this.#file === null ? undefined : new Tokens(readTokens(this.#file))
    return () => {
      this.#tokens = tokens
    }
  }
}

export interface HttpParts {
  readonly settings: Settings
  readonly store: Store
  readonly metrics: Metrics
  readonly health: Health
  readonly tokens: TokensInForce
  /** Beside probes and metrics. */
  readonly routes: readonly Route[]
  readonly log: Log
}

/** Opens the port of the API, and the one of metrics and probes where they have their own. */
export async function openHttp(parts: HttpParts, port: number): Promise<HttpServer> {
  const server = await openPorts(parts, port)
  // On another address than loopback, only people know by which name they reach it.
  const { publicUrl, host } = parts.settings
  parts.metrics.reachedAt(publicUrl ?? (isLoopback(host) ? server.address : null))
  return server
}

async function openPorts(parts: HttpParts, port: number): Promise<HttpServer> {
  const { settings, metrics, health, routes } = parts
  const probes = [...probeRoutes(health), metricsRoute(metrics)]
  if (settings.metricsPort === null) return open(parts, { host: settings.host, port, routes: [...probes, ...routes] })
  const own = await open(parts, {
    host: settings.metricsHost ?? settings.host,
    port: settings.metricsPort,
    routes: probes,
  })
  try {
    const main = await open(parts, { host: settings.host, port, routes: [...probeRoutes(health), ...routes] })
    parts.log.info({ address: own.address }, 'metrics and probes have a port of their own')
    return {
      address: main.address,
      close: async () => {
        await Promise.all([main.close(), own.close()])
      },
    }
  } catch (error) {
    await own.close()
    throw error
  }
}

function open(parts: HttpParts, at: { host: string; port: number; routes: readonly Route[] }): Promise<HttpServer> {
  const { settings, store, metrics, tokens, log } = parts
  const { publicUrl, allowedHosts, requestsPerSecond } = settings
  const access = accessRules(settings, at.host, tokens)
  warnOfReach(at, access, log)
  const audit = (entry: Parameters<Store['audit']>[0]) => store.audit(entry)
  return startHttpServer({ ...at, publicUrl, allowedHosts, access, requestsPerSecond, audit, metrics, log })
}

function accessRules({ readAccess, metricsAccess }: Settings, host: string, tokens: TokensInForce): AccessRules {
  const read = readAccess ?? (isLoopback(host) ? 'open' : 'token')
  return { read, metrics: metricsAccess, tokens: () => tokens.current }
}

/** What whoever reaches the port can do there is said, where it is more or less than one might think. */
function warnOfReach(
  { host, routes }: { host: string; routes: readonly Route[] },
  { read, metrics, tokens }: AccessRules,
  log: Log,
): void {
  if (isLoopback(host)) return
  const has = (needs: Route['needs']) => routes.some((route) => route.needs === needs)
  if (has('metrics') && metrics === 'open')
    log.warn(
      { host },
      'everybody who reaches this address can read /metrics; LEEWAY_METRICS_ACCESS=token asks for a token',
    )
  if (has('read') && read === 'open')
    log.warn(
      { host },
      'everybody who reaches this address can read the API; leave LEEWAY_READ_ACCESS out, and a token is asked for',
    )
  if (has('read') && read === 'token' && tokens() === undefined)
    log.warn(
      { host },
      'nobody can read the API on this address: it needs a token, and LEEWAY_TOKENS_FILE names no file of tokens',
    )
}
