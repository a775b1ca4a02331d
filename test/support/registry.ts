// A package registry on loopback that behaves, or misbehaves in one chosen way. It serves one file under any path that
// ends in its name, and remembers what it was asked.
import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Identity } from './certificate.js';

export type Fault =
  | { readonly kind: 'ok' }
  /** The first `times` requests get this status, the rest the file. */
  | { readonly kind: 'status'; readonly status: number; readonly times?: number; readonly headers?: Readonly<Record<string, string>> }
  /** Promises the whole file and closes the connection in the middle. */
  | { readonly kind: 'truncated'; readonly times?: number }
  /** The same without promising a length. */
  | { readonly kind: 'truncated-chunked'; readonly times?: number }
  | { readonly kind: 'wrong-bytes' }
  /** A whole, well-formed answer of another length, as a login page is. */
  | { readonly kind: 'other-page' }
  /** Another file with an honest length. */
  | { readonly kind: 'other-file'; readonly bytes: Uint8Array }
  /** No length promised, and it never ends. */
  | { readonly kind: 'endless' }
  | { readonly kind: 'reset'; readonly times?: number }
  | { readonly kind: 'reset-at-once' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'silent' }
  /** Answers nobody until so many ask at one time; from then on everybody. */
  | { readonly kind: 'gate'; readonly open: number }
  /** A byte now and then. */
  | { readonly kind: 'trickle' }
  | { readonly kind: 'redirect-loop' }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'not-http' }
  | Cut;

/** A server that knows Range and breaks off: the nth answer ends after `after[n]` bytes of its body, later ones are whole. */
export interface Cut {
  readonly kind: 'cut';
  readonly after: readonly number[];
  /** A reset may take bytes with it that were sent before; a close does not. */
  readonly by?: 'close' | 'reset';
  /**
   * What it makes of Range: `honoured` under If-Range; `blind` to If-Range; `ignored`; `shifted`: another part than was asked
   * for; `unnamed`: a part without Content-Range; `refused`: 416; `all`: 206 with the whole file.
   */
  readonly ranges?: 'honoured' | 'blind' | 'ignored' | 'shifted' | 'unnamed' | 'refused' | 'all';
  /** What the file is from the second request on. */
  readonly changed?: Uint8Array;
  /** In place of a strong entity tag over the bytes. */
  readonly validators?: Readonly<Record<string, string>>;
}

export interface Registry {
  readonly url: string;
  readonly host: string;
  readonly requests: { readonly method: string; readonly url: string; readonly headers: http.IncomingHttpHeaders }[];
  fault: Fault;
  files: ReadonlyMap<string, Uint8Array>;
  close(): Promise<void>;
}

/** Starts a registry; `files` are served by the last part of the path. */
export async function startRegistry(files: ReadonlyMap<string, Uint8Array>, { tls }: { tls?: Identity } = {}): Promise<Registry> {
  const sockets = new Set<Socket>();
  const requests: Registry['requests'] = [];
  let count = 0;
  const waiting = new Map<ServerResponse, () => void>();
  let opened = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    count += 1;
    const { fault } = registry;
    const go = (): void => misbehave(fault, count, registry.files.get((request.url ?? '').split('/').at(-1) ?? ''), request, response);
    if (fault.kind !== 'gate' || opened) return go();
    waiting.set(response, go);
    // Who gave up waiting is not there any more.
    response.on('close', () => waiting.delete(response));
    if (waiting.size < fault.open) return;
    opened = true;
    for (const each of [...waiting.values()]) each();
  };
  const server = tls === undefined ? http.createServer(answer) : https.createServer({ key: tls.keyPem, cert: tls.certificate }, answer);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (registry.fault.kind === 'not-http') socket.end('SSH-2.0-OpenSSH_9.6\r\n');
  });
  server.on('tlsClientError', () => undefined);
  await listen(server);
  const { port } = server.address() as AddressInfo;
  let fault: Fault = { kind: 'ok' };
  const registry: Registry = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/npm/`,
    host: `127.0.0.1:${port}`,
    requests,
    files,
    get fault() {
      return fault;
    },
    set fault(next) {
      fault = next;
      count = 0;
      opened = false;
      waiting.clear();
      requests.length = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return registry;
}

function misbehave(fault: Fault, count: number, file: Uint8Array | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    return;
  }
  const whole = (bytes: Uint8Array): void => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.byteLength }).end(request.method === 'HEAD' ? undefined : bytes);
  };
  if ('times' in fault && fault.times !== undefined && count > fault.times) return whole(file);
  const half = file.subarray(0, file.byteLength >> 1);
  switch (fault.kind) {
    case 'ok':
    case 'gate':
      return whole(file);
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'text/plain', ...fault.headers }).end('no');
      return;
    case 'truncated':
      response.writeHead(200, { 'content-length': file.byteLength });
      response.write(half, () => response.socket?.end());
      return;
    case 'truncated-chunked':
      response.writeHead(200);
      response.end(half);
      return;
    case 'wrong-bytes': {
      const changed = Uint8Array.from(file);
      changed[changed.byteLength >> 1]! ^= 1;
      return whole(changed);
    }
    case 'other-page':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in to the network</html>');
      return;
    case 'other-file':
      return whole(fault.bytes);
    case 'endless': {
      response.writeHead(200);
      const more = (error?: Error | null): void => {
        if (!error && !response.destroyed) setImmediate(() => response.write(file, more));
      };
      return more();
    }
    case 'reset':
      response.writeHead(200, { 'content-length': file.byteLength });
      response.write(half, () => reset(response.socket));
      return;
    case 'reset-at-once':
      reset(response.socket);
      return;
    case 'stall':
      response.writeHead(200, { 'content-length': file.byteLength });
      response.write(half);
      return;
    case 'trickle': {
      response.writeHead(200, { 'content-length': file.byteLength });
      const drip = setInterval(() => response.write(file.subarray(0, 1)), 5);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'silent':
    case 'not-http':
      return;
    case 'cut':
      return serveParts(fault, count, file, request, response);
    case 'redirect-loop':
      response.writeHead(302, { location: request.url ?? '/' }).end();
      return;
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      return;
  }
}

function serveParts({ after, by = 'close', ranges = 'honoured', changed, validators }: Cut, count: number, original: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const file = count > 1 && changed !== undefined ? changed : original;
  const headers = validators ?? { etag: `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"` };
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const fresh = Object.values(headers).includes(String(request.headers['if-range'])) || ranges === 'blind';
  let body = file;
  if (asked === undefined || !fresh || ranges === 'ignored') {
    response.writeHead(200, { ...headers, 'content-length': file.byteLength });
  } else if (ranges === 'refused') {
    response.writeHead(416, { 'content-range': `bytes */${file.byteLength}` }).end();
    return;
  } else {
    const first = ranges === 'all' ? 0 : Number(asked) - (ranges === 'shifted' ? 7 : 0);
    body = file.subarray(first);
    response.writeHead(206, { ...headers, 'content-length': body.byteLength, ...(ranges === 'unnamed' ? {} : { 'content-range': `bytes ${first}-${file.byteLength - 1}/${file.byteLength}` }) });
  }
  const limit = after[count - 1];
  if (limit === undefined || limit >= body.byteLength) response.end(body);
  else response.write(body.subarray(0, limit), () => (by === 'reset' ? reset(response.socket) : response.socket?.end()));
}

/** Sends a TCP reset now. `socket.resetAndDestroy` ends an open stream first, and the client then sees a polite close. */
function reset(socket: Socket | null): void {
  (socket as unknown as { _handle: { reset(done: () => void): void } })._handle.reset(() => socket?.destroy());
}

export interface Proxy {
  readonly url: string;
  /** `CONNECT host:port` and `GET http://…`, as they came. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

/** An HTTP proxy on loopback that passes everything on, or answers everything with one status. */
export async function startProxy(refusal?: number): Promise<Proxy> {
  const requests: Proxy['requests'] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers['proxy-authorization'] });
    if (refusal !== undefined) {
      response.writeHead(refusal).end();
      return;
    }
    const onward = http.request(request.url ?? '', { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end();
  });
  server.on('connect', (request, socket: Socket) => {
    requests.push({ line: `CONNECT ${request.url}`, authorization: request.headers['proxy-authorization'] });
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onward = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [[onward, socket], [socket, onward]] as const) one.on('error', () => other.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
}

/** A port of loopback that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = net.createServer();
  await listen(server);
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
