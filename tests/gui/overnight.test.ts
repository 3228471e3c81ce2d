// A page that stays open while the machine sleeps, folders vanish and the program is started anew.
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { RunEvent } from '../../src/report/events.js';
import { browserOrSkip, chooseFolder, PATIENCE } from './browser.js';
import { startWindow, type WindowProcess } from './window-process.js';

const browser = await browserOrSkip();

describe.skipIf(!browser)('a page left open', { timeout: PATIENCE }, () => {
  let home: string;
  let window: WindowProcess;
  let page: Page;
  const folder = (name: string) => path.join(home, name);
  const line = (event: RunEvent) => `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`;
  const events = () => path.join(folder('out'), 'run-events.jsonl');

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'zemosaic-overnight-'));
    await mkdir(folder('out'));
    await mkdir(folder('in'));
    const started = {
      runId: '20260101T000000Z-00c0ffee',
      version: '',
      configDigest: '',
      inputDir: folder('in'),
    };
    await writeFile(events(), line({ type: 'run-started', ...started, outputDir: folder('out') }));
    window = await startWindow(home);
    page = await browser!.newPage({
      viewport: { width: 1280, height: 860 },
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(PATIENCE / 2);
    await page.goto(window.url);
  }, PATIENCE);
  afterAll(async () => {
    await window?.close();
    await browser?.close();
    await rm(home, { recursive: true, force: true });
  });

  const view = (index: number) => page.locator('nav button').nth(index).click();
  const toast = (text: string) => page.locator('.toast.error').filter({ hasText: text });

  it('tells that the program does not answer, and takes the events up by itself when it does again', async () => {
    const events = '**/api/runs/events*';
    await page.route(events, (route) => route.abort());
    await view(3);
    await page.locator('.page-head .quiet').click();
    await page.locator('.folder-list li').first().waitFor();
    await page.locator('#folder-path').fill(folder('out'));
    await page.locator('dialog footer .primary').click();
    await toast('does not answer').waitFor();
    await view(2);
    await page.unroute(events);
    // Its process is gone without an end: there is no journal of it.
    await page.getByRole('heading', { name: 'The run is gone' }).waitFor();
  });

  it('sees what is written later', async () => {
    const finished = { outcome: 'success', framesUsed: 1, framesTotal: 1, wallMs: 1 } as const;
    await appendFile(events(), line({ type: 'run-finished', ...finished }));
    await page.getByRole('heading', { name: 'Done' }).waitFor();
  });

  it('names a folder that has vanished, before a run and after', async () => {
    await rm(folder('out'), { recursive: true });
    await view(3);
    await page.getByRole('alert').filter({ hasText: 'There is no folder' }).waitFor();
    await view(0);
    await chooseFolder(page, 0, folder('in'));
    await mkdir(folder('out'));
    await chooseFolder(page, 1, folder('out'));
    await rm(folder('in'), { recursive: true });
    await page
      .locator('.images .issue[role=alert]')
      .filter({ hasText: folder('in') })
      .waitFor();
  });

  it('knows that the program was started anew, and is well again at the new address', async () => {
    window.child.kill('SIGKILL');
    await once(window.child, 'exit');
    window = await startWindow(home, ['--port', String(window.port)]);
    await toast('started anew').first().waitFor();
    await page.goto('about:blank');
    await page.goto(window.url);
    await page.locator('.folder-card').first().waitFor();
  });
});
