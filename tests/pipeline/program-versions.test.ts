import { expect, it } from 'vitest';
import { programVersions } from '../../src/pipeline/account/program-versions.js';

it('names what the program ran in: Deno, which calls itself a Node as well', () => {
  expect(programVersions('1.2.3', { node: '20.1.0' })).toEqual({ zemosaic: '1.2.3', node: '20.1.0' });
  expect(programVersions('1.2.3', { node: '26.3.0', deno: '2.9.6' })).toEqual({
    zemosaic: '1.2.3',
    deno: '2.9.6',
  });
  expect(programVersions('1.2.3')).toEqual({ zemosaic: '1.2.3', node: process.versions.node });
});
