/** One thing that is wrong in what a person wrote. */
export interface Problem {
  /** The file or the place it was found in, as the person named it; null for settings that come from nowhere in particular. */
  readonly file: string | null
  /** 1-based; null where the place has no lines. */
  readonly line: number | null
  readonly column: number | null
  /** The setting: `models.credit-risk.windows[0].slide`; '' for the whole document. */
  readonly path: string
  /** What was found and what was expected, with the cure. Never holds a secret. */
  readonly message: string
}

/** What somebody wrote cannot be used. Carries every problem at once, so that one edit mends them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly Problem[]

  constructor(problems: string | readonly Problem[], options?: ErrorOptions) {
    const list =
      typeof problems === 'string' ? [{ file: null, line: null, column: null, path: '', message: problems }] : problems
    super(list.map(formatProblem).join('\n'), options)
    this.problems = list
  }
}

/**
 * A problem on one line, in the form that editors and terminals turn into a link.
 *
 * @example formatProblem(problem) // 'config/leeway.yaml:18:30: models.credit-risk.windows[0].slide: found "5 mins" (text); …'
 */
function formatProblem({ file, line, column, path, message }: Problem): string {
  const place = file === null ? '' : line === null ? `${file}: ` : `${file}:${line}:${column}: `
  return `${place}${path === '' ? '' : `${path}: `}${message}`
}
