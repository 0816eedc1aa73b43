// Status codes (RFC 9110 15): the text beside them and what they say about the message.

const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  102: 'Processing',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  208: 'Already Reported',
  226: 'IM Used',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a Teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  510: 'Not Extended',
  511: 'Network Authentication Required',
}

/** Every three-digit code's line, made once: a look-up on the path never builds a string. */
const LINES: readonly string[] = Array.from(
  { length: 1000 },
  (_, code) => `${code} ${REASONS[code] ?? 'Unknown'}`,
)

/** The code and its reason, such as `200 OK`; a code that nobody registered is `599 Unknown`. */
export function statusLine(code: number): string {
  return LINES[code] ?? `${code} Unknown`
}

/** False for the codes that end with the head whatever the fields say (RFC 9112 6.3); HEAD is the caller's matter. */
export function mayHaveBody(code: number): boolean {
  return code >= 200 && code !== 204 && code !== 304
}

/** True when no further response follows to the same request (RFC 9110 15.2). */
export function isFinal(code: number): boolean {
  return code >= 200
}

/** The codes registered when this was written: what "understood" means for `must-understand` (RFC 9111 5.2.2.3). */
export function isUnderstood(code: number): boolean {
  return REASONS[code] !== undefined
}
