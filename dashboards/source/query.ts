// Which series a query is about, and what is asked in more than one place.

/** As the variables `job` and `instance` say, of which several may be chosen. */
export const daemonScope = 'job=~"$job", instance=~"$instance"'

/** The models that are chosen, all of them to begin with; on the page of one model it is one. */
export const fleetScope = `${daemonScope}, model=~"$model"`
export const fleetWindows = `${fleetScope}, window=~"$window"`

// One model, window, metric, feature is chosen: Grafana escapes such a value for `=`, not for `=~`.
export const modelScope = `${daemonScope}, model="$model"`
export const versionScope = `${modelScope}, version=~"$version"`
export const windowScope = `${versionScope}, window="$window"`
export const featureScope = `${windowScope}, feature="$feature"`

/**
 * How it stands with each model version: 2 an alarm fires, 1 a warning does, 0 neither, -1 no window has been judged yet.
 *
 * @param scope of models; versions are not chosen here, for some incidents are about none
 */
export function statusOf(scope: string): string {
  return `max by (model, version) (
  2 * (leeway_incidents_active{${scope}, severity=~"alarm|critical"} > bool 0)
  or 1 * (leeway_incidents_active{${scope}, severity="warning"} > bool 0)
  or 0 * leeway_window_samples{${scope}}
  or -1 * (leeway_model_info{${scope}} unless on (job, instance, model) leeway_window_samples{${scope}})
)`
}

/**
 * Where performance is between the reference (1) and the value from which it may alarm (0); under 0 it is beyond. Of `bias` it is
 * not told: that has two sides.
 *
 * @param windows scope of windows
 * @param versions the same without the window: the reference has none
 * @param kind by labels, or by estimates
 */
export function roomLeft(windows: string, versions: string, kind: 'realized' | 'estimated' = 'realized'): string {
  const within = (...matchers: string[]) => `{${matchers.filter((matcher) => matcher !== '').join(', ')}}`
  const known = within(windows, `kind="${kind}"`, 'metric!="bias"')
  return `(leeway_performance${known} - leeway_performance_threshold${known})
  / (leeway_performance_reference${within(versions)} - on (job, instance, model, version, metric) group_right () leeway_performance_threshold${known})`
}

/** The same by estimates where too few labels have come to judge by: of the newest window, mostly. */
export function roomOfNow(windows: string, versions: string): string {
  return `max without (kind) (
  (${roomLeft(windows, versions)})
  or on (job, instance, model, version, metric, window) (${roomLeft(windows, versions, 'estimated')})
)`
}

/** Each feature by the method that speaks for it, over the threshold of that method. */
export function driftOverThreshold(scope: string): string {
  return `leeway_feature_drift{${scope}} / leeway_feature_drift_threshold{${scope}}`
}

/** Mean of a histogram's observations of late. */
export function meanOf(histogram: string, scope: string, by?: string): string {
  const part = (suffix: string) => {
    const rate = `rate(${histogram}_${suffix}{${scope}}[$__rate_interval])`
    return by === undefined ? rate : `sum by (${by}) (${rate})`
  }
  return `${part('sum')} / ${part('count')}`
}

export function quantileOf(quantile: number, histogram: string, scope: string): string {
  return `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{${scope}}[$__rate_interval])))`
}
