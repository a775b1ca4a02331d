// Makes X.509 certificates with nothing but node:crypto, so that no key lies in the repository and no tool is needed.
// Just enough DER for TLS on loopback. spec: RFC 5280 section 4.1
import { createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface Identity {
  readonly name: string;
  readonly certificate: string;
  readonly key: KeyObject;
  readonly keyPem: string;
}

const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const length = body.byteLength;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
};
const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const distinguishedName = (name: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
const time = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const extension = (id: Buffer, critical: boolean, value: Buffer): Buffer => sequence(id, ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));

/** A certificate for 127.0.0.1 and localhost, or for an authority; signed by `issuer`, or by itself. */
export function makeIdentity(name: string, { issuer, authority = false, notAfter = new Date('2099-01-01') }: { issuer?: Identity; authority?: boolean; notAfter?: Date } = {}): Identity {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const basicConstraints = extension(oid(0x55, 0x1d, 0x13), true, sequence(...(authority ? [der(0x01, Buffer.from([0xff]))] : [])));
  const names = extension(oid(0x55, 0x1d, 0x11), false, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1]))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(7)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer?.name ?? name),
    sequence(time(new Date('2020-01-01')), time(notAfter)),
    distinguishedName(name),
    publicDer,
    der(0xa3, sequence(basicConstraints, ...(authority ? [] : [names]))),
  );
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const certificate = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  return {
    name,
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
