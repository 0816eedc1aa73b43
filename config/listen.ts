// The part of the settings table that says where clients connect, and how they are spoken to.
import { choice, count, group, listOrNone, optional, port, text, time } from './leaf.js'

const certificate = group(
  {
    names: listOrNone(
      text(
        'tlsHost',
        'A name that clients ask for (SNI): exact, or a wildcard for one label, such as `*.shop.example`.',
      ),
      { byDefault: [], itemsMax: 1000 },
      'The names it is shown for; none means those that the certificate itself names.',
    ),
    certFile: text('path', 'PEM: the certificate, then those that lead to its authority.'),
    keyFile: text('path', 'PEM: its private key, without a passphrase.'),
  },
  'One certificate.',
)

const tls = group(
  {
    certificates: listOrNone(
      certificate,
      { byDefault: [], itemsMax: 1000 },
      'The certificates; the first is shown to clients that ask for no name, or for one of nobody. None makes a listener of plain HTTP.',
    ),
  },
  'TLS to clients, 1.2 and 1.3. Files are read when workers start: after a change, SIGHUP starts new ones.',
)

export const listen = group(
  {
    address: optional(
      text('address', 'The IP address to listen on; absent means all addresses, IPv4 and IPv6.'),
    ),
    port: port('The TCP port to listen on; 0 lets the system choose one, which the ready line shows.'),
    engine: optional(
      choice(
        ['uws', 'node'],
        undefined,
        'What reads requests: `uws` is the fast one; `node` also speaks HTTP/2 (over TLS) and HTTP/1.0, takes absolute targets, and checks the framing of chunks. Absent means `uws`.',
      ),
    ),
    tls,
    proxyFrom: listOrNone(
      text('network', 'An address or a network.'),
      { byDefault: [], itemsMax: 256 },
      'Who is believed when it says, by the PROXY protocol, for whom it connects: version 1 or 2 on the engine node, 2 on uws. From others node refuses it, and uws does not look at it.',
    ),
    connectionsMax: count(
      20_000,
      [1, 1_000_000],
      'Open connections per worker; above it they are closed at once.',
    ),
    connectionsPerAddressMax: optional(
      count(
        undefined,
        [1, 1_000_000],
        'The same of one address, of IPv6 one /64, on the engine node, where absent means 512.',
      ),
    ),
    headMs: optional(
      time(
        undefined,
        ['100ms', '10m'],
        'How long a client may take for a PROXY header, for its TLS handshake, and for the head of a request; then the answer is 408. On the engine node, where absent means `10s`.',
      ),
    ),
    idleMs: optional(
      time(
        undefined,
        ['100ms', '1h'],
        'How long a connection may stay open between two requests. On the engine node, where absent means `60s`.',
      ),
    ),
    streamsMax: optional(
      count(
        undefined,
        [1, 10_000],
        'Requests in progress on one connection of HTTP/2. On the engine node, where absent means 128.',
      ),
    ),
    resetsPerMinuteMax: optional(
      count(
        undefined,
        [1, 1_000_000],
        'Requests that a client of HTTP/2 may take back in a minute (rapid reset), and settings and pings that it may send; above it its connection is closed. On the engine node, where absent means 600.',
      ),
    ),
    chunkedUploads: choice(
      ['close', 'refuse'],
      'close',
      'A request with `Transfer-Encoding: chunked`, whose framing the engine does not check to the end: its connection is closed behind the answer, or it is refused with 411.',
    ),
  },
  'One listener.',
)
