// A real mail server on this machine: postfix with configuration, queue and mailbox of its own in a folder, STARTTLS demanded, and
// a password (by Cyrus SASL) demanded after it. grey@example.org is put off (450), none@example.org is refused (550).

import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ParsedMail } from 'mailparser'
import { simpleParser } from 'mailparser'
import { certificate } from './receivers.ts'

const run = promisify(execFile)
const binaries = ['/usr/sbin/postfix', '/usr/sbin/saslpasswd2']
const master = ['/usr/share/postfix/master.cf.dist', '/etc/postfix/master.cf'].find((path) => existsSync(path))

/** Why it cannot be run; null when it can. */
export function missingForPostfix(): string | null {
  const missing = binaries.filter((path) => !existsSync(path))
  if (missing.length > 0 || master === undefined)
    return 'no postfix on this machine: apt-get install --no-install-recommends postfix sasl2-bin libsasl2-modules'
  return process.getuid?.() === 0 ? null : 'postfix is started by root only'
}

export async function startPostfix(login: { readonly user: string; readonly password: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-postfix-'))
  const inside = (name: string) => join(folder, name)
  const { key, cert } = certificate()
  const port = await freePort()
  // Its processes run as users of their own.
  execFileSync('chmod', ['755', folder])
  for (const name of ['etc', 'etc/sasl', 'spool', 'data', 'mail']) mkdirSync(inside(name))
  writeFileSync(inside('key.pem'), key, { mode: 0o600 })
  writeFileSync(inside('cert.pem'), cert)
  execFileSync('chown', ['postfix', inside('data')])
  execFileSync('chown', ['nobody', inside('mail')])
  writeFileSync(
    inside('etc/sasl/smtpd.conf'),
    `pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: ${inside('sasldb')}\nmech_list: PLAIN LOGIN\n`,
  )
  execFileSync('/usr/sbin/saslpasswd2', ['-c', '-p', '-f', inside('sasldb'), '-u', 'mail.test', login.user], {
    input: login.password,
  })
  execFileSync('chown', ['postfix', inside('sasldb')])
  writeFileSync(inside('etc/main.cf'), mainOf(folder))
  writeFileSync(inside('etc/master.cf'), masterOf(readFileSync(master ?? '', 'utf8'), port))
  const command = (name: string) => run('/usr/sbin/postfix', ['-c', inside('etc'), name])
  await command('start')
  await reachable(port)
  return {
    port,
    ca: cert,
    log: () => (existsSync(inside('mail.log')) ? readFileSync(inside('mail.log'), 'utf8') : ''),
    /** Letters that were delivered, once there are so many. */
    async mails(count: number): Promise<ParsedMail[]> {
      const box = inside('mail/box/new')
      while (!existsSync(box) || readdirSync(box).length < count) await sleep(20)
      return Promise.all(
        readdirSync(box)
          .sort()
          .map((name) => simpleParser(readFileSync(join(box, name)))),
      )
    },
    async stop() {
      await command('stop').catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function mainOf(folder: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = ${folder}/mail.log
maillog_file_prefixes = /tmp, /var
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_cert_file = ${folder}/cert.pem
smtpd_tls_key_file = ${folder}/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = ${folder}/etc/sasl
smtpd_sasl_local_domain = mail.test
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ grey@example.org = 450 4.7.1 greylisted }, { none@example.org = 550 5.1.1 no such user }}, permit_sasl_authenticated, reject
`
}

/** Debian's processes, outside of their cage, listening where it is free, logging to a file. */
function masterOf(original: string, port: number): string {
  const lines = original
    .replace(/^smtp +inet .*/m, `127.0.0.1:${port} inet n - n - - smtpd`)
    .replace(/^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)/gm, '$1n$2')
  return /^postlog/m.test(lines) ? lines : `${lines}\npostlog unix-dgram n - n - 1 postlogd\n`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function reachable(port: number): Promise<void> {
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
  const until = Date.now() + 10_000
  while (!(await isOpen())) {
    if (Date.now() > until) throw new Error('postfix does not listen')
    await sleep(20)
  }
}
