import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../src/frames/list-files.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();

async function plant(...names: string[]): Promise<void> {
  for (const name of names) {
    const at = path.join(folder(), name);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, 'x');
  }
}

async function listed(options = {}): Promise<string[]> {
  return (await listFiles(folder(), options)).files.map((file) => file.relative);
}

describe('listFiles', () => {
  it('finds every spelling of a FITS name, below folders too, and nothing else', async () => {
    await plant(
      'a.fits',
      'b.FIT',
      'c.fts',
      'd.fits.fz',
      'e.fit.gz',
      'f.fits.bz2',
      'g.fits.Z',
      'deep/er/h.fit',
    );
    await plant('notes.txt', 'picture.png', 'fits', 'a.fits.bak', 'b.gz', '.hidden.fits', '.cache/i.fits');
    expect(await listed()).toEqual([
      'a.fits',
      'b.FIT',
      'c.fts',
      'd.fits.fz',
      'deep/er/h.fit',
      'e.fit.gz',
      'f.fits.bz2',
      'g.fits.Z',
    ]);
  });

  it('orders by code unit and by path parts, not by locale', async () => {
    await plant('b.fits', 'B.fits', 'ä.fits', 'a10.fits', 'a2.fits', 'a/z.fits', 'a-b.fits');
    expect(await listed()).toEqual([
      'B.fits',
      'a/z.fits',
      'a-b.fits',
      'a10.fits',
      'a2.fits',
      'b.fits',
      'ä.fits',
    ]);
  });

  it("leaves the output folder and the program's own products out, and says which", async () => {
    await plant(
      'light.fits',
      'out/light.fits',
      'mosaic_first_1234/tile.fits',
      'm_science.fits',
      'm_incremental/sum_0a1b2c3d.fits',
      'global_mosaic_wcs.fits',
    );
    const { files, passedOver } = await listFiles(folder(), {
      skip: [path.join(folder(), 'out'), path.join(folder(), 'not-made-yet')],
    });
    expect(files.map((file) => file.relative)).toEqual(['light.fits']);
    expect(passedOver.map(({ path: at }) => path.basename(at)).sort()).toEqual([
      'global_mosaic_wcs.fits',
      'm_science.fits',
      'mosaic_first_1234',
      'sum_0a1b2c3d.fits',
    ]);
    expect(new Set(passedOver.map(({ reason }) => reason.code))).toEqual(
      new Set(['frames_reject_own_product']),
    );
  });

  it('takes a science image for a tile, unless the tiles that it is made of stand beside it', async () => {
    await plant('a_science.fits', 'a_viewer.fits', 'b_science.fits', 'b_master_tiles/master_tile_001.fits');
    // what frames are added to is the science image once more
    await plant('a_incremental/sum_0a1b2c3d.fits');
    await mkdir(path.join(folder(), 'a_master_tiles'));
    const { files, passedOver } = await listFiles(folder(), { tiles: true });
    expect(files.map((file) => file.relative)).toEqual([
      'a_science.fits',
      'b_master_tiles/master_tile_001.fits',
    ]);
    expect(passedOver.map(({ path: at, reason }) => [path.basename(at), reason.code])).toEqual([
      ['sum_0a1b2c3d.fits', 'frames_reject_own_product'],
      ['a_viewer.fits', 'frames_reject_own_product'],
      ['b_science.fits', 'frames_reject_science_of_tiles'],
    ]);
    const alone = await listFiles(path.join(folder(), 'b_science.fits'), { tiles: true });
    expect(alone.files.map((file) => file.relative)).toEqual(['b_science.fits']);
  });

  it('passes over a HiPS of its own, whatever its name, and enters one of others', async () => {
    await plant('light.fits', 'tiles/Norder3/Dir0/Npix1.fits', 'theirs/Norder3/Dir0/Npix1.fits');
    await writeFile(
      path.join(folder(), 'tiles/properties'),
      'hips_order = 3\nhips_builder         = ZeMosaic 1.0\n',
    );
    await writeFile(path.join(folder(), 'theirs/properties'), 'hips_builder = Aladin/HipsGen\n');
    const { files, passedOver } = await listFiles(folder());
    expect(files.map((file) => file.relative)).toEqual(['light.fits', 'theirs/Norder3/Dir0/Npix1.fits']);
    expect(passedOver.map(({ path: at, reason }) => [path.basename(at), reason.code])).toEqual([
      ['tiles', 'frames_reject_own_product'],
    ]);
  });

  it('follows links once and survives loops and dead links', async () => {
    await plant('night/a.fits');
    await symlink(path.join(folder(), 'night'), path.join(folder(), 'again'));
    await symlink(folder(), path.join(folder(), 'night/loop'));
    await symlink(path.join(folder(), 'gone.fits'), path.join(folder(), 'dead.fits'));
    const { files, passedOver } = await listFiles(folder());
    expect(files).toHaveLength(1);
    expect(passedOver.map(({ reason }) => [reason.code, reason.params.reason])).toEqual([
      ['frames_reject_path_unreadable', 'ENOENT'],
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'says of a socket with a name of a frame that it is no file',
    async () => {
      await plant('a.fits');
      const server = createServer();
      await new Promise<void>((ready) => server.listen(path.join(folder(), 'b.fits'), ready));
      const { files, passedOver } = await listFiles(folder());
      server.close();
      expect(files.map((file) => file.relative)).toEqual(['a.fits']);
      expect(passedOver.map(({ path: at, reason }) => [path.basename(at), reason.code])).toEqual([
        ['b.fits', 'frames_reject_not_a_file'],
      ]);
    },
  );

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'names a folder that it may not read',
    async () => {
      await plant('locked/a.fits', 'b.fits');
      await chmod(path.join(folder(), 'locked'), 0);
      const { files, passedOver } = await listFiles(folder());
      await chmod(path.join(folder(), 'locked'), 0o700);
      expect(files.map((file) => file.relative)).toEqual(['b.fits']);
      expect(passedOver[0].reason.params.reason).toBe('EACCES');
    },
  );

  it('takes a single file, and throws for an input that is not there', async () => {
    await plant('one.fits');
    const { files } = await listFiles(path.join(folder(), 'one.fits'));
    expect(files.map((file) => [file.relative, file.bytes])).toEqual([['one.fits', 1]]);
    await expect(listFiles(path.join(folder(), 'none'))).rejects.toMatchObject({
      code: 'frames_input_unreadable',
      params: { reason: 'ENOENT' },
    });
  });
});
