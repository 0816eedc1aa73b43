// nginx as a caching proxy in its best reasonable form: one worker, sendfile, cached descriptors, kept upstream
// connections, no access log. It runs in a directory of its own, so any user may start it.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { versionLine } from '../machine.js'
import { freePort } from '../ports.js'
import { startListening } from '../ready.js'
import { findProgram, requireProgram, type Tool } from '../tools.js'
import type { KeyPairFiles } from './key-pair.js'
import { originsOf, type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000
const NGINX: Tool = { program: 'nginx', debianPackage: 'nginx-light' }

export const nginxKind: PeerKind = kindOf('nginx', false)

/** With a line in its log for each answer, written in pieces of 64 KB. */
export const loggingNginxKind: PeerKind = kindOf('nginx-log', true)

function kindOf(name: string, logs: boolean): PeerKind {
  return {
    name,
    tools: [NGINX],
    problem: () => undefined,
    version: () => versionLine([findProgram(NGINX.program) ?? NGINX.program, '-v']),
    create: context => createNginx({ ...context, logs }),
  }
}

function createNginx(context: PeerContext & { logs: boolean }): Peer {
  const { processes, core, directory } = context
  const peer = programPeer(context, async () => {
    const port = await freePort()
    const configuration = nginxConfiguration(port, context)
    await mkdir(join(directory, 'temporary'), { recursive: true })
    await writeFile(join(directory, 'nginx.conf'), configuration)
    const command = [requireProgram(NGINX), '-p', directory, '-c', 'nginx.conf', '-e', 'stderr']
    const options = { core, port, timeoutMs: READY_TIMEOUT_MS }
    const running = await startListening(processes, context.name, command, options)
    return { running, url: `${context.secure ? 'https' : 'http'}://127.0.0.1:${port}`, configuration }
  })
  const { pids } = peer
  peer.pids = () => pids().filter(pid => !isCacheLoader(pid))
  return peer
}

/** It looks once, a minute after the start, for what an earlier run has cached, and leaves: no part of the serving. */
function isCacheLoader(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('nginx: cache loader')
  } catch (error) {
    // Gone in between: then it was the loader, or readTicks() finds out.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

/** Started by root, nginx would give its worker to a user who cannot enter our directory. */
function userLine(): string {
  return userInfo().uid === 0 ? 'user root root;\n' : ''
}

/**
 * Only where it must collapse, and serve what is stale: the lock would queue the requests of scenario `miss` one by one. Whoever waits longer than
 * the times goes to the origin himself, so they are longer than any fill here.
 */
const LOCK = `
      proxy_cache_lock on;
      proxy_cache_lock_timeout 10m;
      proxy_cache_lock_age 10m;
      proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
      proxy_cache_background_update on;`

/** What it makes directories for, used or not. */
const TEMPORARY = ['client_body', 'fastcgi', 'scgi', 'uwsgi', 'proxy']

/** As it is advised for public sites. */
function tlsLines({ certFile, keyFile }: KeyPairFiles): string {
  return `
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:8m;
    ssl_session_timeout 1h;`
}

/** nginx.conf for a run. */
export function nginxConfiguration(
  port: number,
  context: Omit<PeerContext, 'name' | 'directory' | 'processes' | 'core'> & { logs?: boolean },
): string {
  const { host, cacheBytes, workers = 1, secure, isHttp2, logs } = context
  const servers = originsOf(context).map(url => `server ${url.replace('http://', '')};`)
  return `${userLine()}daemon off;
master_process on;
worker_processes ${host?.workers ?? workers};
pid nginx.pid;
error_log stderr warn;
events { worker_connections 65536; use epoll; accept_mutex off; }
http {
  access_log ${logs ? 'access.log combined buffer=64k flush=1s' : 'off'};
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  reset_timedout_connection on;
  default_type application/octet-stream;
  gzip on; gzip_proxied any; gzip_min_length 1024; gzip_comp_level 5;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  open_file_cache_min_uses 1; open_file_cache_errors on;
  ${TEMPORARY.map(name => `${name}_temp_path temporary/${name};`).join('\n  ')}
  proxy_cache_path cache levels=1:2 keys_zone=bench:32m inactive=1d max_size=${host?.cacheBytesMax ?? cacheBytes ?? '1g'} use_temp_path=off;
  upstream origin {
    ${servers.join('\n    ')}
    keepalive 128;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }
  server {
    listen 127.0.0.1:${port} ${secure ? 'ssl ' : ''}${isHttp2 ? 'http2 ' : ''}backlog=1024 reuseport;${secure ? tlsLines(secure) : ''}
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffer_size 8k;
      proxy_buffers 16 16k;
      proxy_busy_buffers_size 32k;
      proxy_max_temp_file_size 0;
      proxy_request_buffering off;
      client_max_body_size 0;
      proxy_cache bench;${host === undefined ? '' : LOCK}
      proxy_cache_key $scheme$http_host$request_uri;
      add_header X-Cache $upstream_cache_status;
    }
  }
}
`
}
