// Who signed a certificate that was not accepted, for the message alone: a handshake of its own, over node:tls.
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Hop } from './wire.js';

/**
 * A second handshake with the server, which accepts anything, sends nothing and is closed at once. Its answer only names the issuer to the person; null when it cannot be had.
 */
export async function peerIssuer(url: URL, hop: Hop, timeoutMs: number): Promise<string | null> {
  if (url.protocol !== 'https:') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), timeoutMs);
    // What was opened last owns what is below it. Destroying the socket under a TLS session first crashes Node 20.
    let open: { destroy(): unknown } | undefined;
    const settle = (answer: string | null): void => {
      clearTimeout(timer);
      open?.destroy();
      resolve(answer);
    };
    const shake = (base: tls.ConnectionOptions): void => {
      const socket = tls.connect({ ...base, servername, rejectUnauthorized: false }, () => {
        const { issuer } = socket.getPeerCertificate();
        settle(issuer === undefined ? null : Object.entries(issuer).map(([name, value]) => `${name}=${[value].flat().join('+')}`).join(', '));
      });
      open = socket;
      socket.on('error', () => settle(null));
    };
    if (hop.proxy === null) {
      shake({ host, port });
      return;
    }
    const proxy = new URL(hop.proxy);
    const login = proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}` };
    const tunnel = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: `${url.hostname}:${port}`,
      headers: { host: `${url.hostname}:${port}`, ...login },
    });
    open = tunnel;
    tunnel.on('connect', (response, socket) => {
      open = socket;
      if (response.statusCode === 200) shake({ socket });
      else settle(null);
    });
    tunnel.on('error', () => settle(null));
    tunnel.end();
  });
}
