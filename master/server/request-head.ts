/**
 * What Node lets through of a request's head though two servers could read it in two ways. Go's server, which stands in front of
 * Kubernetes' API, refuses the same.
 *
 * Called by the HTTP server for every request, before anything else.
 */
import type { IncomingMessage } from 'node:http';
import { badRequest, failure } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';

/** The characters of host names, addresses and ports, as Go has them. */
const hostText = /^[\w!$%&'()*+,\-.:;=[\]~]*$/;

const problemOfHosts = (hosts: number, host: string, isOld: boolean): StatusError | undefined => {
  if (hosts > 1) return badRequest('too many Host headers');
  if (hosts === 0) return isOld ? undefined : badRequest('missing required Host header');
  return hostText.test(host) ? undefined : badRequest('malformed Host header');
};

function problemOfEncoding(encoding: string, isOld: boolean): StatusError | undefined {
  if (isOld) return badRequest('HTTP/1.0 knows no Transfer-Encoding');
  if (encoding.toLowerCase() === 'chunked') return undefined;
  const message = `unsupported transfer encoding: ${JSON.stringify(encoding)}`;
  return failure({ code: 501, reason: '', message });
}

/** What is looked at. */
type Head = Pick<IncomingMessage, 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>;

/** Why a request is not to be served; undefined where nothing speaks against it. */
export function problemOfHead(request: Head): StatusError | undefined {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = request;
  if (httpVersionMajor !== 1) {
    return failure({ code: 505, reason: '', message: 'unsupported protocol version' });
  }
  const isOld = httpVersionMinor === 0;
  let hosts = 0;
  let host = '';
  let encoding: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Their lengths tell almost all headers apart from these two.
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts += 1;
      host = rawHeaders[at + 1] ?? '';
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      encoding = rawHeaders[at + 1] ?? '';
    }
  }
  const problem = problemOfHosts(hosts, host, isOld);
  if (problem !== undefined || encoding === undefined) return problem;
  return problemOfEncoding(encoding, isOld);
}
