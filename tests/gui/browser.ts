// The headless Chromium that comes from npm, one for all tests; nothing is downloaded.
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

/** Starts it. The pictures of the page are drawn in software: what a machine without a screen has. */
export async function startBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args, '--no-sandbox', '--force-color-profile=srgb'],
    headless: true,
  });
}
