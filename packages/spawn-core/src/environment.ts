/** Which variables of the caller's environment a child process gets. */

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const system =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|LANG|LC_[A-Z]+|TZ|XDG_CONFIG_HOME|XDG_CACHE_HOME|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|PATHEXT|COMSPEC)$/

const network =
  /^(HTTP_PROXY|HTTPS_PROXY|NO_PROXY|ALL_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/i

// By name, because others of npm's settings are credentials.
const npm =
  /^npm_config_(cache|cafile|globalconfig|https_proxy|maxsockets|noproxy|offline|prefer_offline|proxy|registry|strict_ssl|userconfig)$/i

const git =
  /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|(KEY|VALUE)_\d+)|EXEC_PATH)$/

function pick(env: Environment, patterns: readonly RegExp[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && patterns.some((pattern) => pattern.test(name)) ? [[name, value]] : [],
    ),
  )
}

/**
 * The environment for commands of a spawned repository: where programs, folders, the proxy and npm's
 * settings are, and none of the caller's secrets. `NODE_OPTIONS` is not among them.
 */
export function commandEnvironment(env: Environment): Record<string, string> {
  return pick(env, [system, network, npm])
}

/**
 * The environment for git: identity and configuration, but not `GIT_DIR` and its like, which a hook
 * sets and which would make git work on another repository than the one meant.
 */
export function gitEnvironment(env: Environment): Record<string, string> {
  return {
    ...pick(env, [system, git]),
    // Messages are compared with nothing, but shown: in one language. And nobody is asked anything.
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
  }
}
