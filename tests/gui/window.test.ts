// The window in a real browser: a person chooses folders, sets the switch in French, makes a mosaic, looks at it, attaches to a run and stops it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSession } from '../../src/demo/make-session.js';
import type { RunReport } from '../../src/report/run-report.js';
import { browserOrSkip, chooseFolder, PATIENCE } from './browser.js';
import { PROGRAM, startWindow, type WindowProcess } from './window-process.js';

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const browser = await browserOrSkip();

describe.skipIf(!browser)('the window in a browser', { timeout: 2 * PATIENCE }, () => {
  let home: string;
  let window: WindowProcess;
  let page: Page;
  const faults: string[] = [];
  const foreign: string[] = [];
  const folder = (name: string) => path.join(home, name);

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'zemosaic-window-'));
    await makeSession(folder('session'), { panels: [2, 1], subs: 3, size: [240, 320], extras: false });
    await mkdir(folder('out'));
    await mkdir(folder('resumed'));
    window = await startWindow(home);
    page = await browser!.newPage({
      viewport: { width: 1280, height: 860 },
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // What is refused is counted below, with its address.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        faults.push(message.text());
    });
    page.on('response', (response) => {
      // A cell may be asked for in the moment in which its run ends.
      const ended = response.status() === 404 && response.url().includes('/api/runs/canvas');
      if (response.status() >= 400 && !ended) faults.push(`${response.status()} ${response.url()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(window.origin) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    await page.goto(window.url);
  }, PATIENCE);
  afterAll(async () => {
    await window.close();
    await browser?.close();
    await rm(home, { recursive: true, force: true });
  });

  const view = (index: number) => page.locator('nav button').nth(index).click();

  const choose = (card: number, dir: string) => chooseFolder(page, card, dir);

  /** Violations of WCAG 2.1 A and AA on what is shown now, in every theme. */
  async function violations(): Promise<string[]> {
    await page.evaluate(await readFile(axeSource, 'utf8'));
    return page.evaluate(async () => {
      const { axe, document } = globalThis as unknown as {
        document: { documentElement: { dataset: { theme?: string } } };
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { dataset } = document.documentElement;
      const before = dataset.theme;
      const found: string[] = [];
      for (const theme of ['light', 'dark', 'night']) {
        dataset.theme = theme;
        const { violations: all } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
        for (const { id, nodes } of all)
          found.push(`${theme}, ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
      }
      dataset.theme = before;
      return found;
    });
  }

  it('shows the folders’ frames, their place on the sky and the plan', async () => {
    expect(new URL(page.url()).hash).toBe('');
    await choose(0, folder('session'));
    await choose(1, folder('out'));
    await page.locator('.footprints polygon').nth(5).waitFor();
    expect(await page.locator('.frames tbody tr .use input').count()).toBe(6);
    await page.locator('.frames .look img').first().waitFor();
    expect(await page.locator('.bill [role=meter]').count()).toBe(3);
    expect(await violations()).toEqual([]);
  });

  it('saves the switch as it was set in French, and finds it again', async () => {
    await page.locator('.language select').selectOption('fr');
    await view(1);
    await page.getByRole('tab', { name: 'Système' }).click();
    const box = page.getByRole('checkbox', {
      name: 'Supprimer les fichiers temporaires de traitement après l’exécution',
    });
    expect(await box.isChecked()).toBe(true);
    expect(await violations()).toEqual([]);
    await box.uncheck();
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await page.locator('.toast.done').waitFor();
    const file = JSON.parse(await readFile(window.configFile, 'utf8')) as Record<string, unknown>;
    expect(file).toMatchObject({
      cleanup_temp_artifacts: false,
      language: 'fr',
      input_dir: folder('session'),
    });
    await page.reload();
    await view(1);
    await page.getByRole('tab', { name: 'Système' }).click();
    expect(await box.isChecked()).toBe(false);
  });

  it('names what is wrong in the validator’s words, beside the field', async () => {
    await page.getByRole('tab', { name: 'Avancé' }).click();
    await page.locator('#field-stacking_kappa_low').fill('-3');
    await page.locator('#field-stacking_kappa_low-issue').waitFor();
    expect(await page.locator('#field-stacking_kappa_low').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('footer .primary').isDisabled()).toBe(true);
    await page.locator('.field:has(#field-stacking_kappa_low) .reset').click();
    await page.locator('#field-stacking_kappa_low-issue').waitFor({ state: 'detached' });
  });

  it('makes a mosaic of the frames that are left in, shows it, and removes what it kept', async () => {
    await view(0);
    await page.locator('.frames tbody tr .use input').first().uncheck();
    await page.locator('footer .primary').click();
    await page.locator('.phases li').first().waitFor();
    await page.locator('.page-head .primary').click();
    await page.locator('.viewer canvas').waitFor();
    const report = JSON.parse(
      await readFile(path.join(folder('out'), 'run-report.json'), 'utf8'),
    ) as RunReport;
    expect(report).toMatchObject({ outcome: 'success', inputs: { used: 5, total: 6 } });
    expect(report.inputs.rejected.map(({ reason }) => reason.code)).toEqual(['frames_reject_excluded']);
    expect((await readdir(folder('out'))).some((name) => /^mosaic_\d.*\.dat$/.test(name))).toBe(true);

    // Something is drawn: the middle of the canvas is not of one colour.
    const shades = (): Promise<number> =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('.viewer canvas');
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(width / 2 - 40, height / 2 - 40, 80, 80);
        return new Set(data.filter((_, i) => i % 4 === 0)).size;
      })()`);
    await expect.poll(shades, { timeout: PATIENCE, interval: 250 }).toBeGreaterThan(8);
    await page.locator('.viewer canvas').hover();
    expect(await page.locator('.readout').innerText()).toMatch(/\d+h \d+m [\d.]+s/);
    await page.getByRole('button', { name: 'Couverture' }).click();
    expect(await violations()).toEqual([]);

    await page.locator('.artifacts .danger').click();
    await page.locator('.artifacts .danger').click();
    await page.locator('.artifacts table').waitFor({ state: 'detached' });
    const left = await readdir(folder('out'));
    expect(left.filter((name) => /\.dat|mosaic_first|global_mosaic_wcs/.test(name))).toEqual([]);
    expect(left).toContain('zemosaic_science.fits');
  });

  it('attaches to a run of the command line, follows it and stops it; the run tears down', async () => {
    await makeSession(folder('long'), { panels: [3, 2], subs: 3, size: [400, 520], extras: false });
    // By the slow reference: no machine is through with it before the window says stop.
    const options = ['--backend', 'reference', '--quiet', '--resume', 'off'];
    const argv = [PROGRAM, 'run', folder('long'), '-o', folder('long-out'), ...options];
    const child = spawn(process.execPath, argv, {
      env: { ...window.env, ZEMOSAIC_CLEANUP_TEMP_ARTIFACTS: 'true' },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await view(2);
    await page.locator('.runs-at-work .secondary').click();
    await page.locator('.counters dd').first().filter({ hasText: /[1-9]/ }).waitFor();
    expect(await violations()).toEqual([]);
    await page.locator('footer .danger').click();
    expect(await ended).toEqual([130, null]);
    await page.getByRole('heading', { name: 'Arrêté' }).waitFor();
    const left = await readdir(folder('long-out'));
    expect(left.filter((name) => /\.dat|mosaic_first|journal|lock/.test(name))).toEqual([]);
  });

  it('goes on with a run that was stopped here, which ends and cleans up although the window is killed', async () => {
    await view(0);
    await choose(0, folder('long'));
    await choose(1, folder('resumed'));
    await page.locator('.footprints polygon').nth(17).waitFor();
    await view(1);
    await page.getByRole('tab', { name: 'Système' }).click();
    await page.locator('#field-cleanup_temp_artifacts').check();
    await page.locator('footer .primary').click();
    await page.locator('.counters dd').first().filter({ hasText: /[1-9]/ }).waitFor();
    await page.locator('footer .danger').click();
    await page.getByRole('button', { name: 'Reprendre' }).click();
    await page.locator('.log-lines').getByText('Reprise là où le traitement arrêté').waitFor();
    expect(await events()).not.toContain('"type":"run-finished"');
    window.child.kill('SIGKILL');
    await page.locator('.toast.error').first().waitFor();
    await expect
      .poll(events, { timeout: PATIENCE, interval: 250 })
      .toContain('"type":"run-finished","outcome":"success"');
    expect(existsSync(path.join(folder('resumed'), 'zemosaic_science.fits'))).toBe(true);
    await expect.poll(temporary, { timeout: PATIENCE, interval: 250 }).toEqual([]);

    async function temporary(): Promise<string[]> {
      const names = await readdir(folder('resumed'));
      return names.filter((name) => /\.dat|mosaic_first|global_mosaic_wcs|state|journal|lock/.test(name));
    }
    function events(): Promise<string> {
      return readFile(path.join(folder('resumed'), 'run-events.jsonl'), 'utf8');
    }
  });

  it('asked nobody else and met no fault of its own', () => {
    expect(foreign).toEqual([]);
    // What the browser says when the server is killed is no fault of the page.
    expect(
      faults.filter((text) => !/ERR_CONNECTION|ERR_INCOMPLETE|Failed to fetch|ERR_EMPTY/.test(text)),
    ).toEqual([]);
  });
});
