import { expect, it } from 'vitest';
import { webAddress } from '../../src/config/web-address.js';

it.each([
  ['http://127.0.0.1:8080/api/', 'http://127.0.0.1:8080/api/', undefined],
  ['https://nova.astrometry.net/api', 'https://nova.astrometry.net/api/', undefined],
  ['http://h', 'http://h/', undefined],
  ['http://me:p%3Ass@h:81/x', 'http://h:81/x/', 'me:p:ss'],
  ['http://me@h/', 'http://h/', 'me:'],
])('%s', (text, url, user) => {
  const authorization = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  expect(webAddress(text)).toEqual({ url, authorization });
});

it.each([
  '',
  'h',
  'http://',
  'http://[',
  'http://h:99999/',
  'ftp://h/',
  'http://h/?a',
  'http://h/#a',
  'http://a%b:@h/',
])('%j is none', (text) => {
  expect(webAddress(text)).toBeUndefined();
});
