#!/usr/bin/env node
// Starts leeway. Written in the JavaScript of old Node versions, so that each of them gets as far as the line that says what to do.

// biome-ignore lint/style/useNodejsImportProtocol: the versions that this file must still run on do not know `node:`
import { existsSync } from 'fs'
// biome-ignore lint/style/useNodejsImportProtocol: likewise
import * as modules from 'module'

const needed = 24
const found = process.versions.node

if (Number(found.split('.')[0]) < needed) {
  process.stderr.write(
    `leeway: this is Node ${found}, and leeway needs Node ${needed} or newer: install it from https://nodejs.org, or work from a checkout, where npm ci brings its own (npm run -s leeway -- COMMAND)\n`,
  )
  process.exitCode = 2
} else {
  start()
}

function start() {
  // What was compiled once need not be compiled at the next start, which halves the time of a restart.
  modules.enableCompileCache?.()
  const source = new URL('../src/main.ts', import.meta.url)
  const built = new URL('../dist/main.js', import.meta.url)
  // Node runs TypeScript as it is, but not inside node_modules: what is installed is built.
  const isInstalled = /[\\/]node_modules[\\/]/.test(decodeURIComponent(source.pathname))
  const program = !isInstalled && existsSync(source) ? source : built
  import(program.href)
    .then((module) => {
      // Now, not at the end: a process that is killed has no end.
      modules.flushCompileCache?.()
      return module.main(process.argv.slice(2))
    })
    .then(
      (code) => {
        process.exitCode = code
      },
      (error) => {
        process.stderr.write(`leeway: cannot start: ${error instanceof Error ? error.stack : error}\n`)
        process.exitCode = 1
      },
    )
}
